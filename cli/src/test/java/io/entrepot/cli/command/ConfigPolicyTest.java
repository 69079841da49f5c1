package io.entrepot.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code config policy}: which files count, and what is refused. */
class ConfigPolicyTest {

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path folder;

  @BeforeEach
  void mirror() throws IOException {
    Files.writeString(
        folder.resolve("mirror.yaml"),
        """
        target: ghcr.io/acme/mirror
        images: [docker.io/library/redis:7, docker.io/bitnami/os-shell:12]
        """);
  }

  @Test
  void kubernetes_needsNoPolicy_andPrintsTheDocumentAlone() {
    Run outcome = run("--kubernetes", "--except", "dev");

    assertThat(outcome.code()).as(outcome.all()).isZero();
    assertThat(outcome.out())
        .contains("kind: ValidatingAdmissionPolicy\n", "kind: ValidatingAdmissionPolicyBinding")
        .contains("ghcr\\.io/acme/mirror/", "\"dev\"")
        .doesNotContain("It warns and audits");
    assertThat(outcome.err()).contains("It warns and audits");
  }

  @Test
  void policyBesideTheMirrorFile_counts() throws IOException {
    Files.writeString(
        folder.resolve("policy.yaml"), "rules: [{ match: docker.io/bitnami/**, deny: frozen }]");

    assertThat(run("--kubernetes").out()).contains("bitnami-os-shell").contains("variables.denied");
    assertThat(run("--containers").out()).contains("\"ghcr.io/acme/mirror/bitnami-os-shell\"");
  }

  @Test
  void signersWithoutAPolicy_areAMistake() {
    Run outcome = run("--kyverno");

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("there is no policy.yaml beside mirror.yaml");
  }

  @Test
  void oneGuardIsNeeded_andGuardsBelongToPolicyAlone() {
    assertThat(run().code()).isEqualTo(2);
    assertThat(run("--kubernetes", "--kyverno").code()).isEqualTo(2);
    assertThat(run("--kubernetes", "--except", "Not_One").code()).isEqualTo(2);
    assertThat(run("--kubernetes", "--address", "localhost:5000").code()).isEqualTo(2);
    Run client = Run.in(folder, Map.of(), "config", "k3s", "--enforce");
    assertThat(client.code()).isEqualTo(2);
    assertThat(client.err()).contains("entrepot config policy");
    assertThat(Run.in(folder, Map.of(), "config", "k3s").code()).isZero();
  }

  private Run run(String... options) {
    String[] all = new String[options.length + 2];
    all[0] = "config";
    all[1] = "policy";
    System.arraycopy(options, 0, all, 2, options.length);
    return Run.in(folder, Map.of(), all);
  }
}
