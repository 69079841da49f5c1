package io.entrepot.gate;

import static io.entrepot.gate.GateTree.DIGEST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checks against a git revision. */
class BaseTest {

  private static final String CHECK =
      "targets: { dev: { platforms: [linux/amd64], render: [{ manifests: 'app/*.yaml' }] } }\n";

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
  void onlyWhatTheChangeBrought_isReported() throws Exception {
    String pod =
        "apiVersion: v1\nkind: Pod\nmetadata: { name: %s }\nspec: { containers: [{ name: c, image: 'redis:7@%s' }] }\n";
    tree.file("app/old.yaml", pod.formatted("old", DIGEST));
    tree.commit(CHECK);
    tree.file("app/old.yaml", "# moved down\n" + pod.formatted("old", DIGEST));
    tree.file("app/new.yaml", pod.formatted("new", DIGEST));
    GateReport report = tree.since("main", CHECK);
    assertThat(report.findings())
        .singleElement()
        .satisfies(finding -> assertThat(finding.file()).isEqualTo("app/new.yaml"));
    assertThat(report.skipped()).isEmpty();
    assertThat(tree.offline(CHECK).findings()).hasSize(2);
  }

  @Test
  void revisionThatIsNotThere_endsTheCheck() throws Exception {
    tree.file("app/a.yaml", "{}");
    tree.commit(CHECK);
    assertThatThrownBy(() -> tree.since("no-such-branch", CHECK))
        .isInstanceOf(GateException.class)
        .hasMessageContaining("no-such-branch");
  }

  private static String pod(String... images) {
    StringBuilder containers = new StringBuilder();
    for (int i = 0; i < images.length; i++) {
      containers.append("    - { name: c%d, image: '%s' }\n".formatted(i, images[i]));
    }
    return "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  containers:\n"
        + containers;
  }

  @Test
  void anotherImageInTheSamePlace_isTheSameFinding() throws Exception {
    tree.file("app/web.yaml", pod("docker.io/acme/web:1"));
    tree.commit(CHECK);
    tree.file("app/web.yaml", "# two lines\n#\n" + pod("docker.io/acme/web:2"));
    GateReport report = tree.since("HEAD", CHECK);
    assertThat(report.findings()).isEmpty();
    assertThat(report.skipped()).isEmpty();
  }

  @Test
  void oneMoreImageInTheSameObject_isNew() throws Exception {
    tree.file("app/web.yaml", pod("docker.io/acme/web:1"));
    tree.commit(CHECK);
    tree.file("app/web.yaml", pod("docker.io/acme/web:1", "docker.io/acme/sidecar:1"));
    GateReport report = tree.since("HEAD", CHECK);
    assertThat(report.findings())
        .extracting(finding -> finding.rule().id(), Finding::image)
        .containsExactly(
            tuple("docker-hub", "docker.io/acme/sidecar:1"),
            tuple("unpinned", "docker.io/acme/sidecar:1"));
    assertThat(report.skipped())
        .allSatisfy(each -> assertThat(each.what()).isEqualTo("docker.io/acme/sidecar:1"))
        .isNotEmpty();
  }
}
