package io.entrepot.gate.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.gate.Finding;
import io.entrepot.gate.GateReport;
import io.entrepot.gate.GateTree;
import io.entrepot.gate.Rule;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What holds for every rule that is judged by objects alone. A test of a rule gives {@code
 * breaking()}, manifests with a part of the message, and {@code sound()}, their neighbours.
 */
abstract class RuleContract {

  static final String CHECK =
      """
      targets:
        dev: { platforms: [linux/amd64], render: [{ manifests: ["rendered/**/*.yaml"] }] }
      pullPolicy: IfNotPresent
      private: ["ghcr.io/acme/*"]
      """;

  final Rule rule;

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  @SuppressWarnings("NullAway.Init")
  GateTree tree;

  RuleContract(Rule rule) {
    this.rule = rule;
  }

  @BeforeEach
  void plant() {
    tree = new GateTree(directory);
  }

  static Arguments breaking(String manifest, String message) {
    return Arguments.of(manifest, message);
  }

  static Arguments sound(String manifest) {
    return Arguments.of(manifest);
  }

  /** The specification that the cases are judged by. */
  String check() {
    return CHECK;
  }

  /** What the rule refuses. */
  List<Finding> found(GateReport report) {
    return GateTree.of(report, rule.id());
  }

  @ParameterizedTest
  @MethodSource("breaking")
  void breakingObject_isRefusedWithItsPlace(String manifest, String message) {
    tree.file("rendered/app.yaml", manifest);
    List<Finding> findings = found(tree.offline(check()));
    assertThat(findings).hasSize(1);
    Finding finding = findings.getFirst();
    assertThat(finding.message()).contains(message);
    assertThat(finding.file()).isEqualTo("rendered/app.yaml");
    assertThat(finding.line()).isPositive();
    assertThat(finding.object()).isNotNull();
    assertThat(finding.remedy()).isNotBlank();
  }

  @ParameterizedTest
  @MethodSource("breaking")
  void waivedObject_isNamedWithItsReason(String manifest, String message) {
    tree.file("rendered/app.yaml", manifest);
    GateReport report =
        tree.offline(
            check() + "allow: [{ rule: %s, target: dev, reason: known }]\n".formatted(rule.id()));
    assertThat(found(report)).isEmpty();
    assertThat(GateTree.waived(report, rule.id()))
        .singleElement()
        .satisfies(waived -> assertThat(waived.finding().message()).contains(message))
        .satisfies(waived -> assertThat(waived.reason()).isEqualTo("known"));
    assertThat(report.unusedWaivers()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("sound")
  void passingNeighbour_isNotRefused(String manifest) {
    tree.file("rendered/app.yaml", manifest);
    assertThat(found(tree.offline(check()))).isEmpty();
  }
}
