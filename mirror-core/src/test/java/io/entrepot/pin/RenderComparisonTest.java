package io.entrepot.pin;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.render.ManifestReader;
import io.entrepot.sites.FloatingTags;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a change may do to rendered objects, and what it may not. */
final class RenderComparisonTest {

  private static final String SOURCE = "docker.io/library/redis:7.2";
  private static final String TARGET = Locks.MIRROR + "/redis";
  private static final String PINNED = TARGET + ":7.2@" + Locks.digest(SOURCE);

  private static final String POD =
      """
      apiVersion: v1
      kind: Pod
      metadata:
        name: cache
      spec:
        containers:
          - name: redis
            image: %s
      """;

  private static List<RenderDifference> differences(String before, String after) {
    PinSource source =
        new LockSource(Locks.of(Map.of(SOURCE, TARGET + ":7.2")), FloatingTags.DEFAULT);
    return new RenderComparison(ImageChange.by(source))
        .of(ManifestReader.nodes(before), ManifestReader.nodes(after));
  }

  @Test
  void imageThatBecomesItsCopyByDigest_isNoDifference() {
    assertThat(differences(POD.formatted("redis:7.2"), POD.formatted(PINNED))).isEmpty();
    assertThat(
            differences(
                POD.formatted("redis:7.2"), POD.formatted(TARGET + "@" + Locks.digest(SOURCE))))
        .isEmpty();
  }

  @Test
  void copyByTheSameTag_isNoDifference_anotherTagIs() {
    assertThat(differences(POD.formatted("redis:7.2"), POD.formatted(TARGET + ":7.2"))).isEmpty();
    assertThat(differences(POD.formatted("redis:7.2"), POD.formatted(TARGET + ":7.0")))
        .singleElement()
        .satisfies(
            each ->
                assertThat(each.toString())
                    .contains("Pod cache", "containers[0].image", "redis:7.2", ":7.0"));
  }

  @Test
  void anotherDigestOrAnotherRepository_isOne() {
    assertThat(
            differences(
                POD.formatted("redis:7.2"), POD.formatted(TARGET + ":7.2@" + Locks.DIGEST_A)))
        .hasSize(1);
    assertThat(
            differences(
                POD.formatted("redis:7.2"),
                POD.formatted("docker.io/" + TARGET + ":7.2@" + Locks.digest(SOURCE))))
        .hasSize(1);
    assertThat(differences(POD.formatted("redis:7.0"), POD.formatted(PINNED))).hasSize(1);
  }

  @Test
  void labelWithTheDigest_isOne() {
    String labelled = POD.replace("name: cache", "name: cache\n  labels: {version: \"%s\"}");
    assertThat(
            differences(
                labelled.formatted("7.2", "redis:7.2"),
                labelled.formatted("7.2@" + Locks.digest(SOURCE), PINNED)))
        .singleElement()
        .satisfies(each -> assertThat(each.place()).endsWith("metadata.labels.version"));
  }

  @Test
  void imageInsideOfText_isComparedAsOne() {
    String config =
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: config-%s}
        data:
          run.sh: |
            exec docker run --rm %s --version
          pods.yaml: |
            image:
              repository: %s
              tag: %s
        """;
    assertThat(
            differences(
                config.formatted("2456789bcd", "redis:7.2", "redis", "\"7.2\""),
                config.formatted("fghkmt2456", PINNED, TARGET, "7.2@" + Locks.digest(SOURCE))))
        .isEmpty();
    assertThat(
            differences(
                config.formatted("2456789bcd", "redis:7.2", "redis", "\"7.2\""),
                config.formatted("fghkmt2456", PINNED, TARGET, "7.3")))
        .hasSize(1);
  }

  @Test
  void sumOfOthersText_isNoDifference_anotherNameIs() {
    String summed = POD.replace("name: cache", "name: %s\n  annotations: {checksum/config: %s}");
    assertThat(
            differences(
                summed.formatted("cache", "a".repeat(64), "redis:7.2"),
                summed.formatted("cache", "b".repeat(64), PINNED)))
        .isEmpty();
    assertThat(
            differences(
                summed.formatted("cache", "a".repeat(64), "redis:7.2"),
                summed.formatted("store", "a".repeat(64), "redis:7.2")))
        .hasSize(2);
  }

  @Test
  void secretsAreReadBehindBase64() {
    String secret =
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: config}
        data:
          values.yaml: %s
        """;
    assertThat(
            differences(
                secret.formatted(base64("image: redis:7.2\n")),
                secret.formatted(base64("image: " + PINNED + "\n"))))
        .isEmpty();
    assertThat(
            differences(
                secret.formatted(base64("image: redis:7.2\n")),
                secret.formatted(base64("image: redis:7.3\n"))))
        .hasSize(1);
  }

  @Test
  void valuesOfARelease_mayGetADigestAndNothingElse() {
    String release =
        """
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata: {name: cache}
        spec:
          values:
            image:
              repository: %s
              tag: "7.2"
              %s
        """;
    String digest = "digest: " + Locks.digest(SOURCE);
    assertThat(
            differences(
                release.formatted("redis", "digest: ''"), release.formatted(TARGET, digest)))
        .isEmpty();
    assertThat(differences(release.formatted("redis", ""), release.formatted(TARGET, digest)))
        .isEmpty();
    assertThat(
            differences(release.formatted("redis", ""), release.formatted("redis", "more: true")))
        .hasSize(1);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
