package io.entrepot.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.lock.LockedImage;
import io.entrepot.lock.LockedSigner;
import io.entrepot.mirror.ImageResult.Outcome;
import io.entrepot.mirror.MirrorEntry.ImageCopy;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Tag;
import io.entrepot.testing.SignedImages;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Images that real programs have signed, and every way to break that, under the mirror's policy.
 */
class SignedMirrorTest extends MirrorSetup {

  private static final CopyPolicy ANY = new CopyPolicy(List.of(), true, false, true, null);
  private static final CopyPolicy ANY_WITH_REFERRERS =
      new CopyPolicy(List.of(), true, true, true, null);

  private final SignedImages signed;

  SignedMirrorTest() throws IOException {
    signed = new SignedImages();
  }

  @AfterEach
  void stop() {
    signed.close();
  }

  private MirrorOptions under(String rule) {
    return MirrorOptions.DEFAULTS.under(
        new RunPolicy(
            PolicySetup.policy(
                "trustedRoot: keys/trusted_root.json\nrules:\n- match: '%s/trust/**'\n%s"
                    .formatted(signed.registry(), rule.indent(2)),
                Path.of("src/test/resources/trust")),
            Instant.parse("2026-11-27T12:00:00Z"),
            true));
  }

  private ImageCopy entry(String image, CopyPolicy copied) {
    ImageReference from = ImageReference.parse(signed.registry() + "/" + image);
    String name = from.repository().path().replace("trust/", "");
    Tag tag = from.tag() == null ? new Tag("child") : from.tag();
    return new ImageCopy(
        from.digest() == null ? from : from.pinnedTo(Objects.requireNonNull(from.digest())),
        target.repository("mirror/" + name).tagged(tag),
        copied,
        "mirror.yaml:1");
  }

  private MirrorReport mirror(MirrorOptions options, ImageCopy entry) {
    StepLog steps = new StepLog();
    Mirror mirror = new Mirror(client(), options, steps);
    MirrorReport report = mirror.run(mirror.plan(new MirrorSpec(List.of(entry)), lock));
    steps.assertRanAsPlanned(report);
    lock = Optional.of(LockFileCodec.parse("l", LockFileCodec.format(report.lock())));
    return report;
  }

  private static String rule(JsonNode policy) {
    StringBuilder rule = new StringBuilder("signedBy:\n");
    for (JsonNode signer : policy.path("signedBy")) {
      if (signer.has("key")) {
        rule.append("- key: ").append(signer.path("key").asString()).append('\n');
      } else if (signer.has("keyless")) {
        JsonNode keyless = signer.path("keyless");
        rule.append("- keyless:\n    issuer: '")
            .append(keyless.path("issuer").asString())
            .append("'\n    identity: '")
            .append(keyless.path("identity").asString())
            .append("'\n");
      } else {
        JsonNode notation = signer.path("notation");
        rule.append("- notation:\n    ca: ")
            .append(notation.path("ca").asString())
            .append("\n    identity: \"")
            .append(notation.path("identity").asString())
            .append("\"\n");
      }
    }
    if (!policy.path("attestations").isEmpty()) {
      rule.append("attestations: ").append(policy.path("attestations")).append('\n');
    }
    return rule.toString();
  }

  private static boolean usesTheUsualRoot(JsonNode each) {
    for (JsonNode signer : each.path("policy").path("signedBy")) {
      String root = signer.path("keyless").path("trustedRoot").asString("keys/trusted_root.json");
      if (!root.equals("keys/trusted_root.json")) {
        return false;
      }
    }
    return true;
  }

  @TestFactory
  Stream<DynamicTest> everyCase_movesItsTagOnlyWhereItIsVerified() throws IOException {
    return signed.cases().stream()
        .filter(SignedMirrorTest::usesTheUsualRoot)
        .map(
            each ->
                DynamicTest.dynamicTest(
                    each.path("name").asString(),
                    () -> {
                      lock = Optional.empty();
                      ImageCopy named = entry(each.path("image").asString(), ANY);
                      ImageCopy entry =
                          new ImageCopy(
                              named.source(),
                              target
                                  .repository("mirror/" + each.path("name").asString())
                                  .tagged(new Tag("1.0")),
                              ANY,
                              "mirror.yaml:1");
                      MirrorReport report = mirror(under(rule(each.path("policy"))), entry);
                      ImageResult result = only(report);
                      boolean verified = each.path("expect").asString().equals("verified");
                      boolean either = each.path("alsoOk").toString().contains("verified");
                      if (!verified && !either) {
                        assertThat(result.outcome())
                            .as(result.error())
                            .isIn(Outcome.REFUSED, Outcome.FAILED);
                        assertThat(result.error()).isNotEmpty();
                        assertThat(target.repositories())
                            .doesNotContain(entry.target().repository().path());
                        assertThat(report.lock().images()).isEmpty();
                      } else if (verified && each.path("alsoOk").isEmpty()) {
                        assertThat(result.outcome()).as(result.error()).isEqualTo(Outcome.COPIED);
                        assertThat(
                                report
                                    .lock()
                                    .images()
                                    .values()
                                    .iterator()
                                    .next()
                                    .trust()
                                    .signedBy())
                            .isNotEmpty();
                      }
                    }));
  }

  private static LockedImage only(LockFile lock) {
    assertThat(lock.images()).hasSize(1);
    return lock.images().values().iterator().next();
  }

  @Test
  void signedImage_isCopiedWithItsEvidence_andTheLockSaysWhoSigned() {
    MirrorReport report =
        mirror(under("signedBy: [{ key: keys/p256.pub }]"), entry("trust/bundle-p256:1.0", ANY));

    LockedImage image = only(report.lock());
    assertThat(image.trust().signedBy())
        .singleElement()
        .satisfies(
            signature -> {
              assertThat(signature.signer())
                  .isInstanceOfSatisfying(
                      LockedSigner.OfKey.class,
                      key -> assertThat(key.name()).isEqualTo("keys/p256.pub"));
              assertThat(signature.type()).isEqualTo("https://sigstore.dev/cosign/sign/v1");
            });
    // Where evidence is asked for it travels along, also without `referrers: true`.
    assertThat(
            client().referrers(image.target().repository(), image.digest()).await().descriptors())
        .isNotEmpty();
  }

  @Test
  void oldSignatureTag_travelsAlong() {
    MirrorReport report =
        mirror(under("signedBy: [{ key: keys/p521.pub }]"), entry("trust/sig-p521:1.0", ANY));
    LockedImage image = only(report.lock());
    assertThat(target.tags("mirror/sig-p521")).contains("sha256-" + image.digest().hex() + ".sig");
  }

  @Test
  void unchangedSignedImage_costsOneHeadOnEachSide() {
    MirrorOptions options = under("signedBy: [{ key: keys/p256.pub }]");
    mirror(options, entry("trust/bundle-p256:1.0", ANY));
    signed.requests();
    target.clear();
    assertThat(only(mirror(options, entry("trust/bundle-p256:1.0", ANY))).outcome())
        .isEqualTo(Outcome.UNCHANGED);
    assertThat(signed.requests()).hasSize(1).allMatch(request -> request.startsWith("HEAD "));
    assertThat(target.requests()).hasSize(1);
  }

  @Test
  void anotherKeyIsAsked_thanTheLockKnows_theImageIsJudgedAgain_andRefused() {
    mirror(under("signedBy: [{ key: keys/p256.pub }]"), entry("trust/bundle-p256:1.0", ANY));
    ImageResult result =
        only(
            mirror(
                under("signedBy: [{ key: keys/p384.pub }]"), entry("trust/bundle-p256:1.0", ANY)));
    assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(result.error()).startsWith("wrong-signer: ");
  }

  @Test
  void signaturesAreAskedForLater_whatIsAtTheTargetSuffices() {
    mirror(MirrorOptions.DEFAULTS, entry("trust/bundle-p256:1.0", ANY_WITH_REFERRERS));
    signed.requests();
    ImageResult result =
        only(
            mirror(
                under("signedBy: [{ key: keys/p256.pub }]"), entry("trust/bundle-p256:1.0", ANY)));
    assertThat(result.outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(only(lock.orElseThrow()).trust().signedBy()).hasSize(1);
    assertThat(
            signed.requests().stream()
                .filter(each -> each.startsWith("GET") && each.contains("/manifests/")))
        .isEmpty();
  }

  @Test
  void admittedDigest_needsNoSignature() throws IOException {
    JsonNode unsigned =
        signed.cases().stream()
            .filter(each -> each.path("name").asString().equals("unsigned-api"))
            .findFirst()
            .orElseThrow();
    MirrorOptions options = under("signedBy: [{ key: keys/p256.pub }]");
    RunPolicy run = options.policy().orElseThrow();
    Digest digest = Digest.parse(unsigned.path("digest").asString());
    assertThat(only(mirror(options, entry("trust/unsigned-api:1.0", ANY))).error())
        .startsWith("unsigned: nobody has signed it");
    MirrorOptions admitting =
        MirrorOptions.DEFAULTS.under(
            new RunPolicy(
                PolicySetup.policy(
                    "admit: [{ digest: '%s', reason: x, until: 2026-12-01 }]\nrules: [{ match: '%s/**', signedBy: [{ key: keys/p256.pub }] }]"
                        .formatted(digest, signed.registry()),
                    Path.of("src/test/resources/trust")),
                run.now(),
                true));
    assertThat(only(mirror(admitting, entry("trust/unsigned-api:1.0", ANY))).outcome())
        .isEqualTo(Outcome.COPIED);
  }

  private long manifestsFetched() {
    return signed.requests().stream()
        .filter(request -> request.startsWith("GET ") && request.contains("/manifests/"))
        .count();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bundle-p256 p256", "bundle-fallback-tag p256", "sig-p521 p521"})
  void verification_atASourceThatCountsPulls_costsNoneBeyondTheCopy(String words) {
    String image = "trust/%s:1.0".formatted(words.split(" ", -1)[0]);
    signed.metered();
    mirror(MirrorOptions.DEFAULTS, entry(image, ANY_WITH_REFERRERS));
    long plain = manifestsFetched();
    lock = Optional.empty();

    ImageCopy plainly = entry(image, ANY_WITH_REFERRERS);
    MirrorReport report =
        mirror(
            under("signedBy: [{ key: keys/%s.pub }]".formatted(words.split(" ", -1)[1])),
            new ImageCopy(
                plainly.source(),
                target.repository("mirror/verified").tagged(new Tag("1.0")),
                ANY_WITH_REFERRERS,
                "mirror.yaml:2"));

    assertThat(only(report).outcome()).isEqualTo(Outcome.COPIED);
    assertThat(manifestsFetched()).isEqualTo(plain);
  }

  @Test
  void evidence_isAStepOfItsOwn_whereReadingItCostsPulls_andElseAConditionOfThePlan() {
    MirrorOptions options = under("signedBy: [{ key: keys/p256.pub }]").detailed();
    assertThat(steps(options))
        .anyMatch(
            step ->
                step instanceof MirrorStep.RequireAdmission admission
                    && admission.signedBy().size() == 1);
    signed.metered();
    signed.requests();
    Heard heard = new Heard();
    Mirror mirror = new Mirror(client(), under("signedBy: [{ key: keys/p256.pub }]"), heard);
    mirror.run(
        mirror.plan(
            new MirrorSpec(List.of(entry("trust/bundle-p256:1.0", ANY))), Optional.empty()));
    assertThat(heard.ran)
        .anyMatch(step -> step instanceof MirrorStep.VerifyEvidence)
        .anyMatch(step -> step instanceof MirrorStep.RequireAdmission);
  }

  private List<MirrorStep> steps(MirrorOptions options) {
    return new Mirror(client(), options, MirrorListener.SILENT)
        .plan(new MirrorSpec(List.of(entry("trust/bundle-p256:1.0", ANY))), Optional.empty())
        .images()
        .getFirst()
        .steps();
  }

  private static final class Heard implements MirrorListener {
    private final List<MirrorStep> ran = new CopyOnWriteArrayList<>();

    @Override
    public void ran(PlannedImage image, MirrorStep step) {
      ran.add(step);
    }
  }
}
