package io.entrepot.gate.rules;

import static io.entrepot.gate.rules.Manifests.DIGEST;
import static io.entrepot.gate.rules.Manifests.GOOD;
import static io.entrepot.gate.rules.Manifests.deployment;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.gate.GateReport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.Arguments;

final class ImageMissingTest extends RuleContract {

  ImageMissingTest() {
    super(ImageMissing.RULE);
  }

  static Stream<Arguments> breaking() {
    return Stream.of(
        breaking(deployment("\"\""), "has no image"),
        breaking(deployment("\":1.2\""), "without a repository"),
        breaking(deployment("\"quay.io/acme/app:\""), "is empty"));
  }

  static Stream<Arguments> sound() {
    return Stream.of(sound(deployment(GOOD)));
  }

  @Test
  void referenceGivenByAnotherLayer_isNotMissing() {
    tree.file("values/_shared/app.yaml", "image: { ref: \"\" }\n");
    tree.file("values/env/dev/app.yaml", "image: { ref: quay.io/acme/app@" + DIGEST + " }\n");
    GateReport report =
        tree.paths(
            tree.spec("targets: { dev: { platforms: [linux/amd64] } }"),
            tree.root().resolve("values"));
    assertThat(report.findings()).isEmpty();
  }

  @Test
  void imageThatIsFilledInLater_isNotJudged() {
    tree.file("rendered/a.yaml", deployment("\"quay.io/acme/app:${tag}\""));
    GateReport report = tree.offline(CHECK);
    assertThat(report.findings()).isEmpty();
    assertThat(report.skipped())
        .singleElement()
        .matches(left -> left.rule().id().equals("image-missing"))
        .matches(left -> left.what().contains("quay.io/acme/app:${tag}"))
        .matches(left -> left.what().contains("rendered/a.yaml"));
  }
}
