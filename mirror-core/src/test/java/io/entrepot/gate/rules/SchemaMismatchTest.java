package io.entrepot.gate.rules;

import static io.entrepot.gate.rules.Manifests.GOOD;
import static io.entrepot.gate.rules.Manifests.deployment;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.gate.GateReport;
import io.entrepot.gate.GateTree;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objects and their schemas. */
final class SchemaMismatchTest {

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  @SuppressWarnings("NullAway.Init")
  private GateTree tree;

  @BeforeEach
  void plant() {
    tree = new GateTree(directory);
  }

  @Test
  void objectThatDoesNotFitItsSchema_isRefused() {
    tree.file(
        "schemas/cache-acme-v1.json",
        """
        { "$schema": "http://json-schema.org/schema#", "type": "object",
          "properties": { "spec": { "type": "object",
            "properties": { "clusterSize": { "type": "string" } } } } }
        """);
    String cache =
        "apiVersion: acme.io/v1\nkind: Cache\nmetadata: { name: c }\nspec:\n  clusterSize: %s\n";
    tree.file("rendered/app.yaml", cache.formatted("1"));
    assertThat(GateTree.of(tree.offline(RuleContract.CHECK + "schemas: [schemas/]\n"), "schema"))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.message()).contains("spec.clusterSize", "string");
              assertThat(finding.line()).isEqualTo(5);
            });
    GateReport waived =
        tree.offline(
            RuleContract.CHECK
                + "schemas: [schemas/]\nallow: [{ rule: schema, object: 'Cache/c', reason: x }]\n");
    assertThat(GateTree.waived(waived, "schema")).hasSize(1);
    tree.file("rendered/app.yaml", cache.formatted("\"1\""));
    assertThat(GateTree.of(tree.offline(RuleContract.CHECK + "schemas: [schemas/]\n"), "schema"))
        .isEmpty();
  }

  @Test
  void schemasThatFitNoObject_leaveTheRuleUnjudged() {
    tree.file("schemas/other-acme-v1.json", "{}");
    tree.file("rendered/app.yaml", deployment(GOOD));
    assertThat(tree.offline(RuleContract.CHECK + "schemas: [schemas/]\n").skipped())
        .anySatisfy(left -> assertThat(left.rule()).isEqualTo(SchemaMismatch.RULE));
  }
}
