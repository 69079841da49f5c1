package io.entrepot.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.layout.Layout;
import io.entrepot.layout.LayoutReference;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.lock.LockedImage;
import io.entrepot.lock.LockedSigner;
import io.entrepot.lock.LockedTrust;
import io.entrepot.mirror.ImageResult.Outcome;
import io.entrepot.mirror.MirrorEntry.ImageCopy;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Index;
import io.entrepot.registry.NamingRule;
import io.entrepot.testing.SignedImages;
import io.entrepot.trust.material.VerificationKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mirror files that travel by an image layout, under a policy on either side. */
class LayoutPolicyTest extends PolicySetup {

  private static final CopyPolicy ANY = new CopyPolicy(List.of(), true, false, true, null);

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path folder;

  private LayoutReference carried() {
    return new LayoutReference(false, folder.resolve("carried"), null);
  }

  private MirrorReport carry(MirrorOptions options, MirrorEntry... entries) {
    try (Layout layout = Layout.edit(carried(), 0)) {
      LayoutExport export = new LayoutExport(layout, new MirrorSpec(List.of(entries)), null);
      var client = client();
      Mirror mirror = new Mirror(client, export.target(client), options, MirrorListener.SILENT);
      MirrorReport report =
          mirror.run(
              mirror.plan(
                  export.spec(), Optional.of(export.planning(lock.orElseGet(LockFile::empty)))));
      export.conclude(report);
      layout.finish();
      return report;
    }
  }

  private MirrorReport arrive(MirrorOptions options, LockFile own, MirrorEntry... entries) {
    try (Layout layout = Layout.open(carried())) {
      LayoutImport arriving = new LayoutImport(layout, settings(entries), own, options.policy());
      MirrorOptions fromLock = options.fromLock();
      Mirror mirror = new Mirror(arriving.source(), client(), fromLock, MirrorListener.SILENT);
      MirrorPlan plan = mirror.plan(arriving.spec(), Optional.of(arriving.planning()));
      MirrorReport report = arriving.conclude(mirror.run(arriving.complete(plan, fromLock)));
      LockFile written = LockFileCodec.parse("l", LockFileCodec.format(report.lock()));
      return new MirrorReport(report.images(), report.requests(), new TreeMap<>(), written);
    }
  }

  private static MirrorSettings settings(MirrorEntry... entries) {
    return new MirrorSettings(
        new MirrorSpec(List.of(entries)),
        new TreeMap<>(),
        new ImageDefaults(Optional.empty(), NamingRule.FLAT, PLAIN, ANY),
        List.of(),
        List.of(),
        List.of());
  }

  private MirrorOptions under(String text) {
    policy = text;
    return options();
  }

  private void assertRefused(MirrorReport report, String word) {
    assertThat(only(report).outcome()).as(only(report).error()).isEqualTo(Outcome.REFUSED);
    assertThat(only(report).error()).contains(word);
    assertThat(target.repositories()).isEmpty();
    assertThat(report.lock().images()).isEmpty();
  }

  @Test
  void departure_obeysAgesAndDenials() {
    release("A");
    assertThat(only(carry(under("minAge: 72h"), copy("1.0", PLAIN))).outcome())
        .isEqualTo(Outcome.WAITING);
    Digest digest = source.digestOf("acme/tool", "1.0");
    assertThat(
            only(carry(
                    under("deny: [{ digest: '%s', reason: bad }]".formatted(digest)),
                    copy("1.0", PLAIN)))
                .error())
        .contains("denied");
    try (Layout layout = Layout.open(carried())) {
      assertThat(layout.entries()).noneMatch(each -> each.digest().equals(digest));
    }
  }

  @Test
  void arrival_refusesWhatIsDeniedHere_byDigestChildAndRepository() {
    release("A");
    carry(under("minAge: 0s"), copy("1.0", PLAIN));
    Digest digest = source.digestOf("acme/tool", "1.0");
    Digest child =
        ((Index) source.manifest("acme/tool", "1.0").parse()).children().getLast().digest();
    for (Digest each : List.of(digest, child)) {
      assertRefused(
          arrive(
              under("deny: [{ digest: '%s', reason: bad }]".formatted(each)),
              LockFile.empty(),
              copy("1.0", PLAIN)),
          "denied");
    }
    assertRefused(
        arrive(
            under("rules: [{ match: '%s/**', deny: frozen }]".formatted(key.registry())),
            LockFile.empty(),
            copy("1.0", PLAIN)),
        "denied");
  }

  @Test
  void arrival_refusesWhatNobodyHasSigned() {
    release("A");
    carry(under("minAge: 0s"), copy("1.0", PLAIN));

    assertRefused(
        arrive(
            under(
                "rules: [{ match: '%s/**', signedBy: [{ key: keys/p256.pub }] }]"
                    .formatted(key.registry())),
            LockFile.empty(),
            copy("1.0", PLAIN)),
        "unsigned");
  }

  @Test
  void whatTheTravelledLockSaysOfSigners_isNotBelieved() throws IOException {
    try (SignedImages signed = new SignedImages()) {
      ImageReference from = ImageReference.parse(signed.registry() + "/trust/bundle-p256:1.0");
      ImageCopy entry =
          new ImageCopy(from, target.reference("mirror/signed", "1.0"), ANY, "mirror.yaml:1");
      String byP256 =
          "rules: [{ match: '%s/**', signedBy: [{ key: keys/p256.pub }] }]"
              .formatted(signed.registry());
      carry(under(byP256), entry);
      // Its proof has travelled along, and is read again.
      signed.requests();
      LockedImage arrived =
          Objects.requireNonNull(
              arrive(under(byP256), LockFile.empty(), entry).lock().images().get(from));
      assertThat(arrived.trust().signedBy()).hasSize(1);
      assertThat(signed.requests()).isEmpty();

      // The image is here already, and only the layout's lock says that another key has signed.
      LockFile mine = LockFile.of(new TreeMap<>(Map.of(from, arrived.with(LockedTrust.NONE))));
      try (Layout layout = Layout.edit(carried(), 0)) {
        LayoutLock travelled = LayoutLock.read(layout).orElseThrow();
        String text =
            LockFileCodec.format(travelled.lock())
                .replace(
                    arrived.trust().signedBy().getFirst().signer()
                            instanceof LockedSigner.OfKey(var _, var fingerprint)
                        ? fingerprint.toString()
                        : "",
                    VerificationKey.ofPem(Files.readString(signed.file("keys/p384.pub")))
                        .fingerprint()
                        .toString());
        new LayoutLock(LockFileCodec.parse("l", text), false).write(layout);
        layout.finish();
      }
      MirrorReport again = arrive(under(byP256.replace("p256", "p384")), mine, entry);
      assertThat(only(again).outcome()).as(only(again).error()).isEqualTo(Outcome.REFUSED);
      assertThat(only(again).error()).contains("wrong-signer");
    }
  }

  @Test
  void agesOfTheOtherSide_travelInTheLock() {
    release("A");
    carry(under("minAge: 72h"), copy("1.0", PLAIN));
    lock = Optional.of(run(under("minAge: 72h"), copy("1.0", PLAIN)).lock());
    later(Duration.ofHours(73));
    assertThat(only(carry(under("minAge: 72h"), copy("1.0", PLAIN))).outcome())
        .isEqualTo(Outcome.COPIED);

    MirrorReport arrived = arrive(options(), LockFile.empty(), copy("1.0", PLAIN));
    assertThat(only(arrived).outcome()).as(only(arrived).error()).isEqualTo(Outcome.COPIED);
    assertThat(Objects.requireNonNull(arrived.lock().images().get(key)).trust().firstSeen())
        .contains(START);
  }
}
