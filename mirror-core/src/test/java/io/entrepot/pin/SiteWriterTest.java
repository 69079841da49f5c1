package io.entrepot.pin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.sites.FloatingTags;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.SitePattern;
import io.entrepot.sites.SiteRule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which segments of a site change, and to what. */
final class SiteWriterTest {

  private static final String DIGEST = "sha256:" + "1".repeat(64);
  private static final Resolution.Pinned TARGET =
      new Resolution.Pinned(
          Repository.parse("ghcr.io/acme/mirror/app"), new Tag("1.2"), Digest.parse(DIGEST), "");

  private final SiteWriter writer = new SiteWriter(FloatingTags.DEFAULT, List.of());

  @Test
  void reference_isWrittenAsAWhole() {
    assertThat(written(writer, "image: acme/app:1.2\n"))
        .containsExactly("acme/app:1.2 → ghcr.io/acme/mirror/app:1.2@" + DIGEST);
  }

  @Test
  void fieldsOfAMap_areWrittenWhereTheyStand() {
    assertThat(
            written(
                writer,
                "image: {registry: docker.io, repository: acme/app, tag: \"1.2\", digest: \"\"}\n"))
        .containsExactly(
            "docker.io → ghcr.io", "acme/app → acme/mirror/app", "1.2 → 1.2", " → " + DIGEST);
  }

  @Test
  void digest_goesBehindTheTag_whereItHasNoFieldOfItsOwn() {
    assertThat(written(writer, "image: {repository: acme/app, tag: \"1.2\"}\n"))
        .containsExactly("acme/app → ghcr.io/acme/mirror/app", "1.2 → 1.2@" + DIGEST);
  }

  @Test
  void shaKey_takesTheHexDigitsAlone() {
    assertThat(written(writer, "image: {repository: acme/app, tag: \"1.2\", sha: \"\"}\n"))
        .contains(" → " + "1".repeat(64));
  }

  @Test
  void ruleOfPinYaml_choosesTheField() {
    assertThat(
            written(
                ruled(SiteRule.DigestField.REPOSITORY),
                "image: {repository: acme/app, tag: \"1.2\"}\n"))
        .containsExactly("acme/app → ghcr.io/acme/mirror/app:1.2@" + DIGEST, "1.2 → ");
    assertThat(
            written(
                ruled(SiteRule.DigestField.DIGEST),
                "image:\n  repository: acme/app\n  tag: \"1.2\"\n"))
        .contains("+ digest: " + DIGEST);
    assertThat(
            written(
                ruled(SiteRule.DigestField.NONE), "image: {repository: acme/app, tag: \"1.2\"}\n"))
        .containsExactly("refused: pin.yaml says that the chart has no field for a digest");
  }

  @Test
  void tagOfAKustomization_becomesADigest_andTheNewNameIsAdded() {
    assertThat(
            written(writer, "kind: Kustomization\nimages:\n- name: acme/app\n  newTag: \"1.2\"\n"))
        .containsExactly(
            "1.2 → " + DIGEST, "+ newName: ghcr.io/acme/mirror/app", "newTag → digest");
  }

  @Test
  void imageOfAnOperator_isRefused_unlessItIsRightAlready() {
    assertThat(written(writer, "a: {repository: quay.io/acme, image: app, version: \"1.2\"}\n"))
        .singleElement()
        .asString()
        .startsWith("refused: an operator joins repository, image and version");
    assertThat(
            written(
                writer,
                "a: {repository: ghcr.io/acme/mirror, image: app, version: \"%s\"}\n"
                    .formatted(DIGEST)))
        .isEmpty();
  }

  private static SiteWriter ruled(SiteRule.DigestField field) {
    return new SiteWriter(
        FloatingTags.DEFAULT,
        List.of(new SiteRule(SitePattern.of("image"), SiteRule.Holds.IMAGE, field)));
  }

  private static List<String> written(SiteWriter writer, String yaml) {
    ScannedFile file =
        ScannedFile.of(Path.of("a.yaml"), "a.yaml", "a.yaml", yaml.getBytes(UTF_8), List.of());
    ImageSite site = file.found().sites().getFirst();
    return switch (writer.write(site, TARGET)) {
      case SiteWriter.Outcome.Refused refused -> List.of("refused: " + refused.message());
      case SiteWriter.Outcome.Replacements outcome -> {
        List<String> lines = new ArrayList<>();
        outcome.replacements().forEach(r -> lines.add(r.segment().text() + " → " + r.text()));
        outcome
            .additions()
            .forEach(
                each ->
                    lines.add(
                        each.old().isEmpty()
                            ? "+ " + each.text()
                            : each.old() + " → " + each.text()));
        yield lines;
      }
    };
  }
}
