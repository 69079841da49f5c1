package io.entrepot.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.testing.SignedImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code pin}, {@code bump} and {@code promote} write nothing that the policy does not admit. */
class PolicyRewriteTest {

  private static final String LOCKED = "sha256:" + "a".repeat(64);
  private static final String LAYER = "sha256:" + "c".repeat(64);

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
  void pin_admittedImage_isWritten() throws IOException {
    lock("    firstSeen: 2026-11-01T00:00:00Z");
    policy("minAge: 72h");
    write("app.yaml", "image: docker.io/library/redis:7\n");

    assertThat(run("pin", "app.yaml", "--now", "2026-11-27T00:00:00Z").code()).isZero();
    assertThat(read("app.yaml")).contains("ghcr.io/acme/mirror/redis:7@" + LOCKED);
  }

  @Test
  void pin_deniedDigest_isRefusedAndNothingIsWritten() throws IOException {
    lock("");
    policy("deny: [{ digest: '%s', reason: poisoned }]".formatted(LOCKED));
    write("app.yaml", "image: docker.io/library/redis:7\n");

    Run outcome = run("pin", "app.yaml", "--output", "json");

    assertThat(outcome.code()).as(outcome.all()).isEqualTo(1);
    assertThat(outcome.json().at("/left/0/kind").asString()).isEqualTo("refused");
    assertThat(outcome.json().at("/left/0/reason").asString()).contains("denied", "poisoned");
    assertThat(outcome.json().at("/edits")).isEmpty();
    assertThat(read("app.yaml")).isEqualTo("image: docker.io/library/redis:7\n");
  }

  @Test
  void pin_deniedDigestThatNoLockHolds_isNamedAsRefused() throws IOException {
    lock("");
    policy("deny: [{ digest: '%s', reason: poisoned }]".formatted(LAYER));
    write("app.yaml", "image: ghcr.io/elsewhere/app:1@" + LAYER + "\n");

    Run outcome = run("pin", "app.yaml", "--output", "json");

    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.json().at("/left/0/kind").asString()).isEqualTo("refused");
  }

  @Test
  void pin_contentsNotLookedThroughForThisPolicy_areNotPassed() throws IOException {
    lock("    judged: " + LAYER);
    policy("deny: [{ digest: '%s', reason: poisoned }]".formatted(LAYER));
    write("app.yaml", "image: docker.io/library/redis:7\n");

    Run outcome = run("pin", "app.yaml", "--output", "json");

    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.json().at("/left/0/kind").asString()).isEqualTo("not-judged");
  }

  @Test
  void pin_entryThatOnlyWaits_isInformation() throws IOException {
    write(
        "images.lock.yaml",
        """
        version: 1
        images:
          docker.io/library/redis:7:
            target: ghcr.io/acme/mirror/redis:7
            waiting: [{ digest: %s, firstSeen: 2026-11-26T00:00:00Z }]
        """
            .formatted(LOCKED));
    policy("minAge: 72h");
    write(
        "app.yaml",
        "image: docker.io/library/redis:7\nimage2:\n  image: ghcr.io/acme/mirror/redis:7\n");

    Run outcome = run("pin", "app.yaml", "--output", "json");

    assertThat(outcome.code()).as(outcome.all()).isZero();
    assertThat(outcome.json().at("/left").size()).isEqualTo(2);
    assertThat(outcome.json().at("/left/0/kind").asString()).isEqualTo("waiting");
    assertThat(outcome.json().at("/left/0/needsAttention").asBoolean()).isFalse();
  }

  @Test
  void pinResolve_withoutASight_isRefused_withOneInTheLockItIsWritten() throws IOException {
    policy("minAge: 72h");
    String image = image("bundle-p256");
    write("app.yaml", "image: " + image + "\n");

    Run refused = run("pin", "app.yaml", "--resolve", "--output", "json");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.json().at("/left/0/reason").asString()).contains("first seen");

    write(
        "seen.lock.yaml",
        """
        version: 1
        images:
          %s:
            target: ghcr.io/acme/mirror/app:1.0
            waiting: [{ digest: %s, firstSeen: 2026-11-01T00:00:00Z }]
        """
            .formatted(image.replace(":1.0", ":0.9"), digest(image)));
    Run written =
        run(
            "pin",
            "app.yaml",
            "--resolve",
            "--lock",
            "seen.lock.yaml",
            "--now",
            "2026-11-27T00:00:00Z");
    assertThat(written.code()).as(written.all()).isZero();
    assertThat(read("app.yaml")).contains("@" + digest(image));
  }

  @Test
  void pinResolve_asksTheRegistryForSignatures() throws IOException {
    policy(signedBy("keys/p256.pub"));
    write("signed.yaml", "image: " + image("bundle-p256") + "\n");
    write("unsigned.yaml", "image: " + image("unsigned-api") + "\n");

    assertThat(run("pin", "signed.yaml", "--resolve").code()).isZero();
    assertThat(read("signed.yaml")).contains("@sha256:");
    Run refused = run("pin", "unsigned.yaml", "--resolve", "--output", "json");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.json().at("/left/0/reason").asString()).contains("unsigned");
    assertThat(read("unsigned.yaml")).doesNotContain("@sha256:");
  }

  @Test
  void bump_refusesADeniedChildAndWhatNobodyAcceptedSigned() throws IOException {
    write("app.yaml", "image: " + image("bundle-p256") + "\n");
    Run inspected = run("inspect", image("bundle-p256"), "--output", "json");
    policy(
        "deny: [{ digest: '%s', reason: poisoned }]"
            .formatted(inspected.json().at("/images/1/digest").asString()));

    Run denied = bump();
    assertThat(denied.code()).as(denied.all()).isEqualTo(1);
    assertThat(denied.json().at("/left/0/reason").asString()).contains("it holds", "poisoned");

    policy(signedBy("keys/p384.pub"));
    Run other = bump();
    assertThat(other.code()).isEqualTo(1);
    assertThat(other.json().at("/left/0/reason").asString()).contains("wrong-signer");
    assertThat(read("app.yaml")).doesNotContain("@sha256:");

    policy(signedBy("keys/p256.pub"));
    Run accepted = bump();
    assertThat(accepted.code()).as(accepted.all()).isZero();
    assertThat(read("app.yaml")).contains("@" + digest(image("bundle-p256")));
  }

  @Test
  void promote_refusesADeniedDigest_alsoWithoutItsRepository() throws IOException {
    policy("deny: [{ digest: '%s', reason: poisoned }]".formatted(LOCKED));
    write("dev/a.yaml", "image: ghcr.io/acme/app:1@%s\n".formatted(LOCKED));
    write("staging/a.yaml", "image: ghcr.io/acme/app:1\n");

    Run outcome = run("promote", "dev", "staging", "--output", "json");

    assertThat(outcome.code()).as(outcome.all()).isEqualTo(1);
    assertThat(outcome.json().at("/left/0/reason").asString()).contains("denied", "poisoned");
    assertThat(read("staging/a.yaml")).doesNotContain("sha256");
  }

  @Test
  void promote_withoutAPolicy_asksNobody() throws IOException {
    write("dev/a.yaml", "image: %s@%s\n".formatted(image("bundle-p256"), LOCKED));
    write("staging/a.yaml", "image: " + image("bundle-p256") + "\n");

    assertThat(run("promote", "dev", "staging").code()).isZero();
    assertThat(images.requests()).isEmpty();
  }

  private Run bump() {
    return run(
        "bump",
        "app.yaml",
        "--channel",
        "1.0",
        "--match",
        images.registry() + "/trust/*",
        "--output",
        "json");
  }

  private String digest(String image) {
    return run("digest", image).out().strip();
  }

  private String signedBy(String key) {
    return "rules: [{ match: '%s/trust/**', signedBy: [{ key: '%s' }] }]"
        .formatted(images.registry(), images.file(key));
  }

  private String image(String name) {
    return images.registry() + "/trust/" + name + ":1.0";
  }

  private void lock(String trust) throws IOException {
    write(
        "images.lock.yaml",
        """
        version: 1
        images:
          docker.io/library/redis:7:
            digest: %s
            target: ghcr.io/acme/mirror/redis:7
            platforms: [linux/amd64]
        %s
        """
            .formatted(LOCKED, trust));
  }

  private void policy(String text) throws IOException {
    write("policy.yaml", text);
  }

  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.resolve("..").normalize());
    Files.writeString(path, text);
  }

  private String read(String file) throws IOException {
    return Files.readString(folder.resolve(file));
  }

  private Run run(String... arguments) {
    List<String> all = Stream.of(arguments).toList();
    return Run.in(folder, Map.of(), all.toArray(String[]::new));
  }
}
