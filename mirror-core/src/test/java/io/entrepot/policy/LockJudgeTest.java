package io.entrepot.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.oci.ImageReference;
import io.entrepot.trust.material.VerificationKey;
import io.entrepot.yaml.YamlDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** What the lock alone says of an image that a file names. */
class LockJudgeTest {

  private static final Clock NOW =
      Clock.fixed(Instant.parse("2026-11-27T12:00:00Z"), ZoneOffset.UTC);
  private static final String IMAGE = "sha256:" + "a".repeat(64);
  private static final String OTHER = "sha256:" + "b".repeat(64);
  private static final String LAYER = "sha256:" + "c".repeat(64);
  private static final String COPY = "ghcr.io/acme/mirror/redis:7@";
  private static final String SIGNED_BY_ACME =
      "rules: [{ match: docker.io/library/*, signedBy: [{ key: keys/acme.pub }] }]";

  @Test
  void copy_isJudgedUnderItsSourcesName() {
    String policy = "rules: [{ match: docker.io/library/**, deny: frozen }]";

    assertThat(judge(policy, "", COPY + IMAGE)).isInstanceOf(Decision.Refused.class);
    assertThat(judge(policy, "", "docker.io/library/redis:7@" + IMAGE))
        .isInstanceOf(Decision.Refused.class);
    assertThat(judge(policy, "", "ghcr.io/acme/mirror/redis:7"))
        .isInstanceOf(Decision.Refused.class);
    assertThat(judge(policy, "", COPY + OTHER)).isInstanceOf(Decision.Refused.class);
    assertThat(judge(policy, "", "ghcr.io/acme/mirror/redis-ha:7@" + IMAGE))
        .isInstanceOf(Decision.Admitted.class);
  }

  @Test
  void deniedDigest_isRefusedByEitherName() {
    assertThat(judge(deny(IMAGE), "", COPY + IMAGE)).isInstanceOf(Decision.Refused.class);
  }

  @Test
  void contentsThatNobodyLookedThrough_areNotJudged() {
    assertThat(judge(deny(LAYER), "", COPY + IMAGE)).isInstanceOf(Decision.Unjudged.class);
  }

  @Test
  void judgedForThesePolicysDenials_isAdmitted_forOthersNot() {
    String judged = "    judged: " + policy(deny(LAYER)).deniedFingerprint().orElseThrow() + "\n";

    assertThat(judge(deny(LAYER), judged, COPY + IMAGE)).isInstanceOf(Decision.Admitted.class);
    assertThat(judge(deny(OTHER), judged, COPY + IMAGE)).isInstanceOf(Decision.Unjudged.class);
  }

  @Test
  void whatTheMirrorFoundDenied_isRefusedWhileThePolicyDeniesIt() {
    String denied =
        "    judged: %s\n    denied: { digest: %s, reason: poisoned }\n"
            .formatted(policy(deny(LAYER)).deniedFingerprint().orElseThrow(), LAYER);

    assertThat(judge(deny(LAYER), denied, COPY + IMAGE))
        .isInstanceOfSatisfying(
            Decision.Refused.class,
            refused -> assertThat(refused.reason()).contains(LAYER, "poisoned"));
    assertThat(judge("minAge: 0s", denied, COPY + IMAGE)).isInstanceOf(Decision.Admitted.class);
  }

  @Test
  void age_countsFromTheLocksSight_ofWhatWaitsToo() {
    String seen =
        "    firstSeen: 2026-11-20T12:00:00Z\n    waiting: [{ digest: %s, firstSeen: 2026-11-27T11:00:00Z }]\n"
            .formatted(OTHER);

    assertThat(judge("minAge: 3d", seen, COPY + IMAGE)).isInstanceOf(Decision.Admitted.class);
    assertThat(judge("minAge: 30d", seen, COPY + IMAGE))
        .isEqualTo(new Decision.Waiting(Instant.parse("2026-12-20T12:00:00Z")));
    assertThat(judge("minAge: 3d", seen, "docker.io/library/redis:7@" + OTHER))
        .isEqualTo(new Decision.Waiting(Instant.parse("2026-11-30T11:00:00Z")));
    assertThat(judge("minAge: 3d", "", COPY + OTHER)).isInstanceOf(Decision.Unjudged.class);
  }

  @Test
  void lockedBeforeAnAgeWasAsked_stays() {
    assertThat(judge("minAge: 3d", "", COPY + IMAGE)).isInstanceOf(Decision.Admitted.class);
    assertThat(judge("minAge: 3d", "", "docker.io/library/redis:7@" + IMAGE))
        .isInstanceOf(Decision.Admitted.class);
  }

  @Test
  void signatureByTheSameKey_passesUnderAnyName_anotherKeyUnderTheSameNameDoesNot()
      throws IOException {
    String fingerprint =
        VerificationKey.ofPem(Files.readString(Path.of("../config/keys/acme.pub")))
            .fingerprint()
            .toString();

    assertThat(judge(SIGNED_BY_ACME, signed("keys/acme.pub", fingerprint), COPY + IMAGE))
        .isInstanceOfSatisfying(
            Decision.Admitted.class, admitted -> assertThat(admitted.evidence()).hasSize(1));
    assertThat(judge(SIGNED_BY_ACME, signed("renamed.pub", fingerprint), COPY + IMAGE))
        .isInstanceOf(Decision.Admitted.class);
    assertThat(judge(SIGNED_BY_ACME, signed("keys/acme.pub", OTHER), COPY + IMAGE))
        .isInstanceOfSatisfying(
            Decision.Refused.class,
            refused -> assertThat(refused.cause()).isEqualTo(Decision.Cause.WRONG_SIGNER));
    assertThat(judge(SIGNED_BY_ACME, "", COPY + IMAGE)).isInstanceOf(Decision.Unjudged.class);
    assertThat(
            judge(
                SIGNED_BY_ACME,
                signed("keys/acme.pub", fingerprint)
                    .replace("sigstore.dev/cosign/sign/v1", "spdx.dev/Document"),
                COPY + IMAGE))
        .isInstanceOf(Decision.Unjudged.class);
  }

  @Test
  void listOfSeveralSources_needsEachToBeAdmitted() {
    LockFile lock =
        LockFileCodec.parse(
            "lock",
            """
            version: 1
            images:
              docker.io/amd64/tool:1:
                digest: %1$s
                targetDigest: %3$s
                target: ghcr.io/acme/mirror/tool:1
                platforms: [linux/amd64]
              docker.io/arm64v8/tool:1:
                digest: %2$s
                targetDigest: %3$s
                target: ghcr.io/acme/mirror/tool:1
                platforms: [linux/arm64]
            """
                .formatted(IMAGE, OTHER, LAYER));
    LockJudge judge =
        new LockJudge(policy("rules: [{ match: docker.io/arm64v8/*, deny: frozen }]"), lock, NOW);

    assertThat(judge.judge(ImageReference.parse("ghcr.io/acme/mirror/tool:1@" + LAYER)))
        .isInstanceOf(Decision.Refused.class);
  }

  @Test
  void composedImage_isJudgedByWhatItIsMadeOf() {
    String digest = "ghcr.io/acme/mirror/runner:1@" + IMAGE;
    LockFile lock =
        LockFileCodec.parse(
            "lock",
            """
            version: 1
            images:
              ghcr.io/acme/mirror/runner:1:
                digest: %1$s
                target: ghcr.io/acme/mirror/runner:1
                platforms: [linux/amd64]
                from: { "docker.io/library/debian:12": %2$s }
                recipe: %3$s
                diffIDs: { linux/amd64: %3$s }
                layers: { linux/amd64: %3$s }
            """
                .formatted(IMAGE, OTHER, LAYER));

    assertThat(judge("minAge: 3d", lock, digest)).isInstanceOf(Decision.Admitted.class);
    assertThat(judge(deny(OTHER), lock, digest)).isInstanceOf(Decision.Refused.class);
    assertThat(judge(deny(IMAGE), lock, digest)).isInstanceOf(Decision.Refused.class);
    assertThat(judge("rules: [{ match: docker.io/library/*, deny: frozen }]", lock, digest))
        .isInstanceOf(Decision.Refused.class);
    assertThat(judge(SIGNED_BY_ACME, lock, digest)).isInstanceOf(Decision.Unjudged.class);
  }

  private static Decision judge(String policy, LockFile lock, String written) {
    return new LockJudge(policy(policy), lock, NOW).judge(ImageReference.parse(written));
  }

  @Test
  void nameWithoutADigest_isJudgedOnlyByWhatHoldsForAll() {
    assertThat(judge("minAge: 0s", "", "ghcr.io/acme/app:1")).isInstanceOf(Decision.Admitted.class);
    assertThat(judge("minAge: 1h", "", "ghcr.io/acme/app:1")).isInstanceOf(Decision.Unjudged.class);
    assertThat(judge(deny(LAYER), "", "ghcr.io/acme/app:1")).isInstanceOf(Decision.Unjudged.class);
  }

  private static String deny(String digest) {
    return "deny: [{ digest: %s, reason: poisoned }]".formatted(digest);
  }

  private static String signed(String name, String fingerprint) {
    return "    signedBy: [{ key: %s, fingerprint: %s, statement: %s, type: https://sigstore.dev/cosign/sign/v1 }]\n"
        .formatted(name, fingerprint.toLowerCase(Locale.ROOT), LAYER);
  }

  private static Policy policy(String text) {
    return PolicyReader.read(YamlDocument.parse("policy.yaml", text), Path.of("../config"));
  }

  private static Decision judge(String policy, String trust, String written) {
    LockFile lock =
        LockFileCodec.parse(
            "lock",
            """
            version: 1
            images:
              docker.io/library/redis:7:
                digest: %s
                target: ghcr.io/acme/mirror/redis:7
                platforms: [linux/amd64]
            """
                    .formatted(IMAGE)
                + trust);
    return new LockJudge(policy(policy), lock, NOW).judge(ImageReference.parse(written));
  }
}
