package io.entrepot.gate.rules;

import static io.entrepot.gate.rules.Manifests.DIGEST;
import static io.entrepot.gate.rules.Manifests.deployment;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.gate.Finding;
import io.entrepot.gate.GateOptions;
import io.entrepot.gate.GateReport;
import io.entrepot.gate.GateTree;
import io.entrepot.gate.PolicyDecisions;
import io.entrepot.gate.Rule;
import io.entrepot.gate.Skipped;
import io.entrepot.policy.PolicyReader;
import io.entrepot.yaml.YamlDocument;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A tree with one copy whose lock and policy differ, checked offline. What holds for every rule of
 * the policy: without a policy it says nothing, and a waiver accepts what it says.
 */
abstract class PolicyContract {

  static final String ACME = "c84328dfced739472496b6362e5a54dfb911c292d6266900a208dd0933901600";
  static final String SIGNED_BY_ACME =
      "rules: [{ match: docker.io/library/*, signedBy: [{ key: keys/acme.pub }] }]\n";

  private static final Clock NOW =
      Clock.fixed(Instant.parse("2026-11-27T12:00:00Z"), ZoneOffset.UTC);
  private static final String COPY = "ghcr.io/acme/mirror/redis:7@" + DIGEST;

  private final Rule rule;
  private final String policy;
  private final String trust;

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  @SuppressWarnings("NullAway.Init")
  GateTree tree;

  /**
   * @param policy with which the rule finds something
   * @param trust what the lock says beside digest, target and platforms
   */
  PolicyContract(Rule rule, String policy, String trust) {
    this.rule = rule;
    this.policy = policy;
    this.trust = trust;
  }

  @BeforeEach
  void plant() {
    tree = new GateTree(directory);
  }

  @Test
  void withoutAPolicy_nothingIsSaid() {
    plantTree(trust);
    GateReport report = tree.offline(check(""));
    assertThat(GateTree.of(report, rule.id())).isEmpty();
    assertThat(report.passed()).isTrue();
  }

  @Test
  void waived_isNamedWithItsReason() {
    GateReport report =
        judged(policy, trust, "allow: [{ rule: %s, reason: known }]\n".formatted(rule.id()));
    assertThat(GateTree.of(report, rule.id())).isEmpty();
    assertThat(GateTree.waived(report, rule.id())).hasSize(1);
    assertThat(report.unusedWaivers()).isEmpty();
    assertThat(report.passed()).isTrue();
  }

  @Test
  void warned_passesAndIsTold() {
    GateReport report = judged(policy, trust, "severity: { %s: warning }\n".formatted(rule.id()));
    assertThat(GateTree.of(report, rule.id())).hasSize(1);
    assertThat(report.refuses()).isFalse();
  }

  /** The one finding of the rule. */
  Finding refused(String under, String locked) {
    List<Finding> findings = GateTree.of(judged(under, locked, ""), rule.id());
    assertThat(findings).hasSize(1);
    Finding finding = findings.getFirst();
    assertThat(finding.line()).isPositive();
    assertThat(finding.remedy()).isNotBlank();
    return finding;
  }

  /** Asserts that the rule finds nothing and everything was judged. */
  void passes(String under, String locked) {
    GateReport report = judged(under, locked, "");
    assertThat(report.findings()).isEmpty();
    assertThat(report.skipped()).isEmpty();
  }

  /** What was not judged, which the rule must tell. */
  List<Skipped> skipped(String under, String locked) {
    GateReport report = judged(under, locked, "");
    assertThat(report.findings()).isEmpty();
    assertThat(report.passed()).isFalse();
    assertThat(report.skipped()).allSatisfy(each -> assertThat(each.rule()).isEqualTo(rule));
    return report.skipped();
  }

  private GateReport judged(String under, String locked, String more) {
    plantTree(locked);
    tree.file("policy.yaml", under);
    String file = tree.root().resolve("policy.yaml").toString();
    GateOptions options =
        tree.options(true, null)
            .with(
                new PolicyDecisions.InForce(
                    PolicyReader.read(YamlDocument.parse(file, under), Path.of("../config")), NOW));
    return tree.run(check(more), options);
  }

  private void plantTree(String locked) {
    tree.file("rendered/app.yaml", deployment(COPY));
    tree.file(
        "images.lock.yaml",
        """
        version: 1
        images:
          docker.io/library/redis:7:
            digest: %s
            target: ghcr.io/acme/mirror/redis:7
            platforms: [linux/amd64]
        %s"""
            .formatted(DIGEST, locked));
  }

  private static String check(String more) {
    return RuleContract.CHECK.replaceAll("(?m)^private: .*$", "")
        + "lock: images.lock.yaml\n"
        + more;
  }

  /** Lines of the lock for one signature. */
  static String signature(String fingerprint, String type) {
    return "    signedBy: [{ key: keys/acme.pub, fingerprint: sha256:%s, statement: %s, type: %s }]\n"
        .formatted(fingerprint, DIGEST, type);
  }
}
