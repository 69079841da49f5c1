package io.entrepot.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.testing.SignedImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code verify} under a policy, against images that real programs have signed. */
class VerifyPolicyTest {

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path folder;

  @SuppressWarnings("NullAway.Init")
  private SignedImages images;

  @BeforeEach
  void start() throws IOException {
    images = new SignedImages();
  }

  @AfterEach
  void stop() {
    images.close();
  }

  @Test
  void signedByTheKey_isVerifiedAndSaysWhatWasNotProved() throws IOException {
    policy(signedBy("keys/p256.pub"));

    Run outcome = verify("bundle-p256", "--output", "json");

    assertThat(outcome.code()).as(outcome.all()).isZero();
    JsonNode signature = outcome.json().at("/images/0/signatures/0");
    assertThat(signature.path("signer").asString()).endsWith("p256.pub");
    assertThat(signature.path("predicateType").asString())
        .isEqualTo("https://sigstore.dev/cosign/sign/v1");
    assertThat(signature.path("notProved").toString()).contains("when it was signed");
  }

  @Test
  void policyBesideTheCommand_countsWithoutBeingNamed() throws IOException {
    Files.writeString(
        folder.resolve("policy.yaml"),
        "rules: [{ match: '%s/trust/**', deny: frozen }]".formatted(images.registry()));

    Run outcome = Run.in(folder, Map.of(), "verify", image("bundle-p256"));

    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains("denied: its repository is denied: frozen");
  }

  @Test
  void unsigned_isRefusedWithTheRuleAndWhatToDo() throws IOException {
    policy(signedBy("keys/p256.pub"));

    Run outcome = verify("unsigned-api");

    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err())
        .contains("unsigned: nobody has signed it")
        .contains("strict.yaml:1")
        .contains("`unsigned:` and a reason");
  }

  @Test
  void signedByAnotherKey_isRefused() throws IOException {
    policy(signedBy("keys/p256.pub"));

    assertThat(verify("wrong-key-bundle").err()).contains("wrong-signer: it is signed by nobody");
  }

  @Test
  void registryThatFails_isNeitherPassedNorCalledUnsigned() throws IOException {
    policy(signedBy("keys/p256.pub"));

    Run outcome = verify("referrers-500");

    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains("could not be judged").contains("500");
    assertThat(outcome.err()).doesNotContain("unsigned");
  }

  @Test
  void deniedChild_refusesTheList() throws IOException {
    Run inspected = Run.in(folder, Map.of(), "inspect", image("bundle-p256"), "--output", "json");
    String child = inspected.json().at("/images/1/digest").asString();
    policy("deny: [{ digest: '%s', reason: poisoned }]".formatted(child));

    Run outcome = verify("bundle-p256");

    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains("it holds " + child + ", which is denied: poisoned");
  }

  @Test
  void ageThatNobodyKnows_isNotPassed() throws IOException {
    policy("minAge: 72h");

    assertThat(verify("bundle-p256").err()).contains("nobody knows when it was first seen");
  }

  @Test
  void ageInTheLock_counts_andACopyIsJudgedUnderItsSourcesName() throws IOException {
    policy("rules: [{ match: docker.io/acme/**, minAge: 72h }]");
    String copy = image("bundle-p256");
    String digest = Run.in(folder, Map.of(), "digest", copy).out().strip();
    Files.writeString(
        folder.resolve("images.lock.yaml"),
        """
        version: 1
        images:
          docker.io/acme/app:1.0:
            digest: %s
            target: %s
            platforms: [linux/amd64]
            firstSeen: 2026-11-01T00:00:00Z
        """
            .formatted(digest, copy));

    Run young = verify("bundle-p256", "--now", "2026-11-02T00:00:00Z");
    assertThat(young.code()).as(young.all()).isEqualTo(1);
    assertThat(young.err()).contains("too-young: it waits until 2026-11-04T00:00:00Z");
    assertThat(verify("bundle-p256", "--now", "2026-11-05T00:00:00Z").code()).isZero();
  }

  @Test
  void inspect_saysWhoSignedWhatByWhichProof_andWhatWasNotProved() throws IOException {
    policy(signedBy("keys/p256.pub"));

    Run text = Run.in(folder, Map.of(), "inspect", image("bundle-p256"), "--policy", "strict.yaml");
    assertThat(text.code()).as(text.all()).isZero();
    assertThat(text.out())
        .contains("policy     admitted", "signed by", "p256.pub", "who      sha256:")
        .contains("states   https://sigstore.dev/cosign/sign/v1", "proved   key")
        .contains("NOT      when it was signed");

    Run json =
        Run.in(
            folder,
            Map.of(),
            "inspect",
            image("unsigned-api"),
            "--policy",
            "strict.yaml",
            "--output",
            "json");
    assertThat(json.code()).isZero();
    assertThat(json.json().at("/policy/decision").asString()).isEqualTo("refused");
    assertThat(json.json().at("/policy/reason").asString()).contains("nobody has signed it");
    assertThat(json.json().at("/signatures").isArray()).isTrue();
  }

  @Test
  void inspectWithoutAPolicy_saysNothingOfSigners() {
    Run outcome = Run.in(folder, Map.of(), "inspect", image("bundle-p256"), "--output", "json");

    assertThat(outcome.json().has("policy")).isFalse();
    assertThat(outcome.json().has("signatures")).isFalse();
  }

  @Test
  void brokenPolicy_isExitCode2WithItsLine() throws IOException {
    policy("minAge: 72");

    Run outcome = verify("bundle-p256");

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("strict.yaml:1").contains("a time without a unit");
  }

  @Test
  void timeThatIsNone_isExitCode2() throws IOException {
    policy("minAge: 72h");

    Run outcome = verify("bundle-p256", "--now", "tomorrow");

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("--now: not a time");
  }

  private void policy(String text) throws IOException {
    Files.writeString(folder.resolve("strict.yaml"), text);
  }

  private String signedBy(String key) {
    return "rules: [{ match: '%s/trust/**', signedBy: [{ key: '%s' }] }]"
        .formatted(images.registry(), images.file(key));
  }

  private String image(String name) {
    return images.registry() + "/trust/" + name + ":1.0";
  }

  private Run verify(String name, String... options) {
    String[] arguments = new String[4 + options.length];
    arguments[0] = "verify";
    arguments[1] = image(name);
    arguments[2] = "--policy";
    arguments[3] = "strict.yaml";
    System.arraycopy(options, 0, arguments, 4, options.length);
    return Run.in(folder, Map.of(), arguments);
  }
}
