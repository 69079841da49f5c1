package io.entrepot.render;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.render.GoTemplate.TemplateException;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceText;
import io.entrepot.yaml.YamlScanner;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GeneratorsTest {

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  @BeforeEach
  void plant() {
    new TestTree(directory)
        .file("apps/web/kustomization.yaml", "resources: []\n")
        .file("apps/api/kustomization.yaml", "resources: []\n")
        .file("apps/old/kustomization.yaml", "resources: []\n")
        .file("env/dev.yaml", "env: dev\nregion: { name: eu }\n")
        .file("env/prod.yaml", "- env: prod\n- env: spare\n");
  }

  private List<Map<String, @Nullable Object>> rows(String yaml) throws Exception {
    Object generator = Nodes.plain(YamlScanner.scan(SourceText.of(yaml)).getFirst());
    return new Generators(
            new Sources(directory),
            new Repositories(new Sources(directory), Set.of(), new TreeMap<>()),
            List.of("dev", "prod"),
            false)
        .elements(generator, Map.of());
  }

  private List<@Nullable Object> column(String yaml, String... keys) throws Exception {
    return rows(yaml).stream().<@Nullable Object>map(row -> Plain.at(row, keys)).toList();
  }

  @Test
  void list_givesItsElements() throws Exception {
    assertThat(column("list: { elements: [{ a: 1 }, { a: 2 }] }", "a")).containsExactly(1L, 2L);
  }

  @Test
  void clusters_areTheTargets() throws Exception {
    assertThat(column("clusters: {}", "name")).containsExactly("dev", "prod");
    assertThat(column("clusters: { values: { tier: x } }", "values", "tier"))
        .containsExactly("x", "x");
  }

  @Test
  void gitDirectories_withoutTheExcluded() throws Exception {
    String git =
        "git: { directories: [{ path: 'apps/*' }, { path: apps/old, exclude: true }], values: { a: b } }";
    assertThat(column(git, "path", "path")).containsExactly("apps/api", "apps/web");
    assertThat(column(git, "path", "basename")).containsExactly("api", "web");
    assertThat(column(git, "values", "a")).containsExactly("b", "b");
  }

  @Test
  void gitFiles_giveTheirContentAndPath() throws Exception {
    String git = "git: { files: [{ path: 'env/*.yaml' }] }";
    assertThat(column(git, "env")).containsExactly("dev", "prod", "spare");
    assertThat(column(git, "path", "filename"))
        .containsExactly("dev.yaml", "prod.yaml", "prod.yaml");
    assertThat(rows("git: { files: [{ path: env/dev.yaml }], pathParamPrefix: here }"))
        .singleElement()
        .satisfies(row -> assertThat(Plain.at(row, "here", "path", "basename")).isEqualTo("env"));
  }

  @Test
  void matrix_joinsEachWithEach_andLaterOnesSeeEarlierParameters() throws Exception {
    String matrix =
        """
        matrix:
          generators:
            - list: { elements: [{ env: dev }, { env: prod }] }
            - list: { elements: [{ name: "web-{{env}}" }, { name: api }] }
        """;
    assertThat(column(matrix, "name")).containsExactly("web-dev", "api", "web-prod", "api");
    assertThat(column(matrix, "env")).containsExactly("dev", "dev", "prod", "prod");
  }

  @Test
  void merge_laysOverTheFirstByKeys() throws Exception {
    String merge =
        """
        merge:
          mergeKeys: [env]
          generators:
            - list: { elements: [{ env: dev, tag: a }, { env: prod, tag: b }] }
            - list: { elements: [{ env: prod, tag: c }, { env: other, tag: d }] }
        """;
    assertThat(column(merge, "env")).containsExactly("dev", "prod");
    assertThat(column(merge, "tag")).containsExactly("a", "c");
  }

  @Test
  void selector_leavesOut() throws Exception {
    String list = "list: { elements: [{ env: dev }, { env: prod }] }\nselector: ";
    assertThat(column(list + "{ matchLabels: { env: dev } }", "env")).containsExactly("dev");
    assertThat(
            column(
                list + "{ matchExpressions: [{ key: env, operator: NotIn, values: [dev] }] }",
                "env"))
        .containsExactly("prod");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "scmProvider: {}",
        "pullRequest: {}",
        "plugin: {}",
        "clusterDecisionResource: {}",
        "clusters: {}\nselector: { matchLabels: { a: b } }",
        "list: { elementsYaml: '[]' }",
      })
  void whatOnlyAClusterOrTheNetworkKnows_isSaid(String generator) {
    assertThatThrownBy(() -> rows(generator)).isInstanceOf(TemplateException.class);
  }
}
