package io.entrepot.pin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.Tag;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.LeftReason;
import io.entrepot.testing.TestClients;
import io.entrepot.testing.TestRegistry;
import io.entrepot.text.FilePosition;
import io.entrepot.text.Glob;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Digests asked of a registry on loopback. */
@Timeout(60)
final class RegistrySourceTest {

  private static final Vertx VERTX = Vertx.vertx();

  private final TestRegistry registry = TestRegistry.start();
  private final RegistryClient client = TestClients.impatient(VERTX);

  @AfterAll
  static void stop() {
    VERTX.close().await();
  }

  @AfterEach
  void close() {
    client.close();
    registry.close();
  }

  private Digest child(String repository) {
    return registry.addManifest(
        repository,
        null,
        MediaType.OCI_MANIFEST,
        ("{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
                + "\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\""
                + Locks.DIGEST_A
                + "\",\"size\":2},\"layers\":[]}")
            .getBytes(UTF_8));
  }

  private Digest list(String repository, String tag, Digest child) {
    byte[] child64 =
        ("{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\","
                + "\"manifests\":[{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\""
                + child
                + "\",\"size\":"
                + registry.manifest(repository, child.toString()).size()
                + ",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}}]}")
            .getBytes(UTF_8);
    return registry.addManifest(repository, tag, MediaType.OCI_INDEX, child64);
  }

  private Pinning pin(String text) {
    RegistrySource source = new RegistrySource(client, null);
    source.prepare(Pinning.sites(text).stream().map(ImageSite::reading).toList());
    return Pinning.of("values.yaml", text, source, PinRules.DEFAULT);
  }

  @Test
  void tag_isPinnedInPlaceByOneHead() {
    Digest list = list("app", "v1", child("app"));
    String name = registry.name() + "/app";
    Pinning pinned = pin("image: %s:v1\nb: {image: \"%s:v1\"}\n".formatted(name, name));
    assertThat(pinned.text())
        .isEqualTo("image: %s:v1@%s\nb: {image: \"%s:v1@%s\"}\n".formatted(name, list, name, list));
    assertThat(registry.counts()).containsOnlyKeys("HEAD manifest");
    assertThat(registry.count("HEAD manifest")).isEqualTo(1);
    assertThat(pin(pinned.text()).edits()).isEmpty();
  }

  @Test
  void digestOfOneArchitecture_isReplacedByTheLists() {
    Digest child = child("app");
    Digest list = list("app", "v1", child);
    Pinning pinned = pin("image: %s/app:v1@%s\n".formatted(registry.name(), child));
    assertThat(pinned.text()).isEqualTo("image: %s/app:v1@%s\n".formatted(registry.name(), list));
    assertThat(pinned.edits().getFirst().note()).isEqualTo("was the digest of linux/amd64 only");
  }

  @Test
  void missingTagsAndSingleManifests_areLeft() {
    Digest child = child("app");
    registry.addManifest(
        "app",
        "single",
        MediaType.OCI_MANIFEST,
        registry.manifest("app", child.toString()).bytes());
    String text =
        "a: {image: \"%s/app:none\"}\nb: {image: \"%s/app:single\"}\nc: {image: \"%s/app@%s\"}\n"
            .formatted(registry.name(), registry.name(), registry.name(), child);
    Pinning pinned = pin(text);
    assertThat(pinned.text()).isEqualTo(text);
    assertThat(pinned.left()).extracting(Left::reason).hasSize(3);
    assertThat(pinned.left().get(0).reason()).contains("does not exist");
    assertThat(pinned.left().get(1).reason()).contains("not a list");
    assertThat(pinned.left().get(2).reason()).contains("one platform only");
  }

  @Test
  void bump_writesTheChannelsDigestAndNamesWhatHasNone(@TempDir Path tree) throws IOException {
    Digest list = list("acme/a", "main", child("acme/a"));
    child("acme/b");
    String host = registry.name().value();
    Path file =
        Files.writeString(
            tree.resolve("v.yaml"),
            "a: {image: {ref: \"%s/acme/a@%s\"}}\nb: {image: {ref: \"%s/acme/b:main\"}}\nc: {image: redis:7}\n"
                .formatted(host, Locks.DIGEST_A, host));
    PinPlan plan =
        bumper((reference, digest) -> Optional.empty()).bump(List.of(tree), List.of()).plan();
    PlanWriter.write(plan);
    assertThat(file)
        .hasContent(
            "a: {image: {ref: \"%s/acme/a@%s\"}}\nb: {image: {ref: \"%s/acme/b:main\"}}\nc: {image: redis:7}\n"
                .formatted(host, list, host));
    assertThat(plan.left())
        .singleElement()
        .satisfies(left -> assertThat(left.reason()).contains("acme/b has no tag 'main'"));
  }

  @Test
  void bump_withAPlatformMissing_writesNothing(@TempDir Path tree) throws IOException {
    list("acme/a", "main", child("acme/a"));
    Files.writeString(
        tree.resolve("v.yaml"), "image: {ref: \"%s/acme/a:main\"}\n".formatted(registry.name()));
    PinPlan plan =
        bumper((ImageReference reference, Digest digest) -> Optional.of("no linux/arm64"))
            .bump(List.of(tree), List.of())
            .plan();
    assertThat(plan.edits()).isEmpty();
    assertThat(plan.left()).extracting(Left::reason).containsExactly("no linux/arm64");
  }

  @Test
  void bump_namesAnImageWhoseTagTheChartChooses(@TempDir Path tree) throws IOException {
    Files.writeString(
        tree.resolve("v.yaml"),
        "a: {image: {repository: %s/acme/a, tag: \"\"}}\nb: {image: {repository: redis, tag: \"\"}}\n"
            .formatted(registry.name()));
    PinPlan plan =
        bumper((reference, digest) -> Optional.empty()).bump(List.of(tree), List.of()).plan();
    assertThat(plan.left())
        .singleElement()
        .matches(left -> left.kind() == LeftReason.EMPTY_TAG && left.line() == 1);
  }

  @Test
  void bump_namesAPatternThatFitsNoImage(@TempDir Path tree) throws IOException {
    list("acme/a", "main", child("acme/a"));
    String host = registry.name().value();
    Files.writeString(tree.resolve("v.yaml"), "image: %s/acme/a:main\n".formatted(host));
    Bumper bumper =
        bumper(
            (reference, digest) -> Optional.empty(),
            Glob.of(host + "/acme/*"),
            Glob.of(host + "/acne/*"));
    assertThat(bumper.bump(List.of(tree), List.of()).idle()).containsExactly(host + "/acne/*");
  }

  @Test
  void chartByDigest_isAskedForByItsDigest() {
    Digest chart = child("charts/web");
    String text =
        "kind: OCIRepository\nspec: {url: \"oci://%s/charts/web\", ref: {digest: \"%s\"}}\n";
    assertThat(pin(text.formatted(registry.name(), chart)).left()).isEmpty();
    assertThat(pin(text.formatted(registry.name(), Locks.DIGEST_A)).left())
        .extracting(Left::kind)
        .containsExactly(LeftReason.UNRESOLVED);
  }

  @Test
  void usedUpPullLimit_isPostponed_andOthersSayWhatToDo() {
    Resolution.Missing limit =
        RegistrySource.failed(
            RegistryException.of(ErrorCode.PULL_LIMIT, "HEAD x", "too many")
                .withStatus(429)
                .withRemedy("run again later"));
    assertThat(limit.reason()).isEqualTo(LeftReason.POSTPONED);
    assertThat(limit.message()).isEqualTo("HEAD x: too many; run again later");
    Left later = new Left(FilePosition.of("a", 1), "image", "x", limit.reason(), limit.message());
    Left never = new Left(FilePosition.of("a", 2), "image", "y", LeftReason.UNRESOLVED, "gone");
    assertThat(plan(later).postponed()).isTrue();
    assertThat(plan(later, never).postponed()).isFalse();
    assertThat(plan().postponed()).isFalse();
  }

  private static PinPlan plan(Left... left) {
    return new PinPlan(List.of(new FilePlan(Path.of("a"), "a", "", "", List.of(), List.of(left))));
  }

  private Bumper bumper(PlatformCheck platforms) {
    return bumper(platforms, Glob.of(registry.name() + "/acme/*"));
  }

  private Bumper bumper(PlatformCheck platforms, Glob... globs) {
    return new Bumper(
        PinRules.DEFAULT,
        client,
        new Tag("main"),
        List.of(globs),
        platforms,
        PolicyFilter.none(),
        null);
  }
}
