package io.entrepot.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import io.entrepot.trust.Evidence;
import io.entrepot.trust.SignerIdentity;
import io.entrepot.trust.Verdict;
import io.entrepot.yaml.YamlDocument;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PolicyTest {

  private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");
  private static final Digest IMAGE = digest('a');
  private static final Digest LAYER = digest('b');
  private static final Repository APP = ImageReference.parse("ghcr.io/acme/app").repository();

  @Test
  void nothingAsked_isAdmitted() {
    assertThat(judge("{}", Facts.NONE)).isInstanceOf(Decision.Admitted.class);
  }

  @Test
  void deniedDigest_isRefusedWithItsReason() {
    assertThat(judge(deny(IMAGE), Facts.NONE))
        .isInstanceOfSatisfying(
            Decision.Refused.class,
            refused -> {
              assertThat(refused.cause()).isEqualTo(Decision.Cause.DENIED);
              assertThat(refused.reason()).isEqualTo("it is denied: poisoned");
            });
  }

  @Test
  void deniedLayer_refusesTheImageThatHoldsIt() {
    assertThat(judge(deny(LAYER), Facts.NONE.containing(Set.of(LAYER, digest('c')))))
        .isInstanceOfSatisfying(
            Decision.Refused.class,
            refused -> assertThat(refused.reason()).contains(LAYER.toString(), "poisoned"));
  }

  @Test
  void deniedLayer_contentsNotKnown_isNotJudged() {
    assertThat(judge(deny(LAYER), Facts.NONE)).isInstanceOf(Decision.Unjudged.class);
  }

  @Test
  void deniedLayer_otherContents_isAdmitted() {
    assertThat(judge(deny(LAYER), Facts.NONE.containing(Set.of(digest('c')))))
        .isInstanceOf(Decision.Admitted.class);
  }

  @Test
  void deniedAndAdmitted_isRefused() {
    assertThat(judge(deny(IMAGE) + admit("2027-01-01"), Facts.NONE))
        .isInstanceOf(Decision.Refused.class);
  }

  @Test
  void deniedRepository_isRefused() {
    assertThat(judge("rules: [{ match: ghcr.io/acme/**, deny: frozen }]", Facts.NONE))
        .isInstanceOfSatisfying(
            Decision.Refused.class, refused -> assertThat(refused.reason()).contains("frozen"));
  }

  @Test
  void young_waitsUntilItIsOldEnough() {
    Instant seen = NOW.minus(Duration.ofHours(71));
    assertThat(judge("minAge: 72h", Facts.NONE.seen(seen)))
        .isEqualTo(new Decision.Waiting(seen.plus(Duration.ofDays(3))));
  }

  @Test
  void oldToTheSecond_isAdmitted() {
    assertThat(judge("minAge: 72h", Facts.NONE.seen(NOW.minus(Duration.ofDays(3)))))
        .isInstanceOf(Decision.Admitted.class);
  }

  @Test
  void neverSeen_isNotJudged() {
    assertThat(judge("minAge: 72h", Facts.NONE)).isInstanceOf(Decision.Unjudged.class);
  }

  @Test
  void seenInTheFuture_stillWaits() {
    assertThat(judge("minAge: 1h", Facts.NONE.seen(NOW.plus(Duration.ofDays(1)))))
        .isInstanceOf(Decision.Waiting.class);
  }

  @Test
  void admittedDigest_passesAlthoughYoungAndUnsigned_untilTheEndOfItsDay() {
    String policy = "minAge: 72h\n" + signed() + admit("2026-11-27");
    Facts facts = Facts.NONE.seen(NOW).signed(new Verdict.Unsigned());
    assertThat(read(policy).judge(APP, IMAGE, facts, NOW)).isInstanceOf(Decision.Admitted.class);
    assertThat(read(policy).judge(APP, IMAGE, facts, Instant.parse("2026-11-27T23:59:59Z")))
        .isInstanceOf(Decision.Admitted.class);
    assertThat(read(policy).judge(APP, IMAGE, facts, Instant.parse("2026-11-28T00:00:00Z")))
        .isInstanceOf(Decision.Refused.class);
  }

  @Test
  void verdicts_becomeDecisions() {
    Evidence evidence =
        new Evidence(
            "keys/p256.pub",
            new SignerIdentity.OfKey(IMAGE),
            IMAGE,
            "type",
            Optional.empty(),
            List.of("key"),
            List.of());
    assertThat(judge(signed(), Facts.NONE.signed(new Verdict.Verified(List.of(evidence)))))
        .isEqualTo(new Decision.Admitted(List.of(evidence)));
    assertThat(cause(new Verdict.Unsigned())).isEqualTo(Decision.Cause.UNSIGNED);
    assertThat(cause(new Verdict.WrongSigner(List.of("x")))).isEqualTo(Decision.Cause.WRONG_SIGNER);
    assertThat(cause(new Verdict.Invalid(List.of("x")))).isEqualTo(Decision.Cause.WRONG_SIGNER);
    assertThat(cause(new Verdict.AttestationMissing(List.of("t"), List.of())))
        .isEqualTo(Decision.Cause.ATTESTATION_MISSING);
    assertThat(judge(signed(), Facts.NONE.signed(new Verdict.Unjudged(List.of("503")))))
        .isInstanceOf(Decision.Unjudged.class);
    assertThat(judge(signed(), Facts.NONE)).isInstanceOf(Decision.Unjudged.class);
  }

  @Test
  void signedButYoung_waits() {
    Facts facts = Facts.NONE.seen(NOW).signed(new Verdict.Verified(List.of()));
    assertThat(judge("minAge: 1h\n" + signed(), facts)).isInstanceOf(Decision.Waiting.class);
  }

  private static Decision.Cause cause(Verdict verdict) {
    return ((Decision.Refused) judge(signed(), Facts.NONE.signed(verdict))).cause();
  }

  private static Decision judge(String policy, Facts facts) {
    return read(policy).judge(APP, IMAGE, facts, NOW);
  }

  private static Policy read(String text) {
    return PolicyReader.read(
        YamlDocument.parse("policy.yaml", text), Path.of("src/test/resources/trust"));
  }

  private static String deny(Digest digest) {
    return "deny: [{ digest: '%s', reason: poisoned }]\n".formatted(digest);
  }

  private static String admit(String until) {
    return "admit: [{ digest: '%s', reason: a fix, until: %s }]\n".formatted(IMAGE, until);
  }

  private static String signed() {
    return "rules: [{ match: ghcr.io/acme/**, signedBy: [{ key: keys/p256.pub }] }]\n";
  }

  private static Digest digest(char c) {
    return Digest.parse("sha256:" + String.valueOf(c).repeat(64));
  }
}
