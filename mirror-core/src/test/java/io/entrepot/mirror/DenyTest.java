package io.entrepot.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.lock.Denial;
import io.entrepot.lock.LockedTrust;
import io.entrepot.mirror.ImageResult.Outcome;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the policy denies is not copied, and what was copied before says so in the lock. */
class DenyTest extends PolicySetup {

  private static final Digest OTHER = Digest.of(new byte[] {7});

  @BeforeEach
  void nothingDenied() {
    policy = "{}";
  }

  private void deny(Digest digest) {
    policy = "deny: [{ digest: '%s', reason: poisoned }]".formatted(digest);
  }

  private LockedTrust trust() {
    return locked().orElseThrow().trust();
  }

  @Test
  void deniedDigest_isRefusedBeforeAnythingIsRead() {
    Descriptor list = release("A");
    deny(list.digest());

    ImageResult result = mirror();

    assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(result.error()).isEqualTo("denied: it is denied: poisoned");
    assertThat(result.remedy()).contains("no `admit:` undoes it");
    assertThat(source.counts()).containsOnlyKeys("HEAD manifest");
    assertThat(target.repositories()).isEmpty();
    assertThat(locked()).isEmpty();
  }

  @Test
  void deniedRepository_isRefused() {
    release("A");
    policy = "rules: [{ match: '%s/acme/**', deny: frozen }]".formatted(source.name());
    assertThat(mirror().error()).isEqualTo("denied: its repository is denied: frozen");
    assertThat(target.repositories()).isEmpty();
  }

  @Test
  void listWithADeniedChild_isRefusedWhole() {
    Descriptor bad = images.image("linux/arm64", images.layer("b"));
    images.index("1.0", images.image("linux/amd64", images.layer("a")), bad);
    deny(bad.digest());
    assertThat(mirror().error())
        .isEqualTo("denied: it holds %s, which is denied: poisoned".formatted(bad.digest()));
    assertThat(target.repositories()).isEmpty();
  }

  @Test
  void listWithADeniedChild_thatIsNotEvenAskedFor_isRefusedWhole() {
    Descriptor bad = images.image("linux/s390x", images.layer("c"));
    images.index(
        "1.0",
        images.image("linux/amd64", images.layer("a")),
        images.image("linux/arm64", images.layer("b")),
        bad);
    deny(bad.digest());
    assertThat(mirror().outcome()).isEqualTo(Outcome.REFUSED);
  }

  @Test
  void imageWithADeniedLayer_isRefused() {
    Descriptor layer = images.layer("poison");
    images.index(
        "1.0", images.image("linux/amd64", images.layer("a")), images.image("linux/arm64", layer));
    deny(layer.digest());
    assertThat(mirror().error()).contains("it holds " + layer.digest());
    assertThat(target.repositories()).isEmpty();
  }

  @Test
  void foreignLayerThatIsDenied_isFoundToo() {
    Descriptor layer = images.foreign("windows base");
    images.index(
        "1.0", images.image("linux/amd64", layer), images.image("linux/arm64", images.layer("b")));
    deny(layer.digest());
    assertThat(mirror().outcome()).isEqualTo(Outcome.REFUSED);
  }

  @Test
  void admittedDigest_thatIsDeniedToo_isRefused() {
    Descriptor list = release("A");
    policy =
        "deny: [{ digest: '%s', reason: poisoned }]\nadmit: [{ digest: '%s', reason: x, until: 2099-01-01 }]"
            .formatted(list.digest(), list.digest());
    assertThat(mirror().outcome()).isEqualTo(Outcome.REFUSED);
  }

  @Test
  void lookedThroughImage_saysForWhichDenials_andCostsNothingMore() {
    release("A");
    deny(OTHER);
    mirror();
    assertThat(trust().judged())
        .contains(options().policy().orElseThrow().policy().deniedFingerprint().orElseThrow());
    clear();
    assertThat(mirror().outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(source.requests()).hasSize(1);
    assertThat(target.requests()).hasSize(1);
  }

  @Test
  void newDenial_looksThroughTheTarget_withoutAPull() {
    source.rateLimit(100, 100);
    release("A");
    mirror();
    assertThat(trust().judged()).isEmpty();
    deny(OTHER);
    int pulls = source.remainingPulls();
    assertThat(mirror().outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(source.remainingPulls()).isEqualTo(pulls);
    assertThat(trust().judged()).isPresent();
  }

  @Test
  void lockedDigest_thatIsDeniedLater_isRefused_andTheEntrySaysSo() {
    Descriptor list = release("A");
    mirror();
    deny(list.digest());

    assertThat(mirror().outcome()).isEqualTo(Outcome.REFUSED);

    assertThat(locked().orElseThrow().digest()).isEqualTo(list.digest());
    assertThat(trust().denied()).contains(new Denial(list.digest(), "poisoned"));
    assertThat(target.digestOf("mirror/tool", "1.0")).isEqualTo(list.digest());
    policy = "{}";
    assertThat(mirror().outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(trust().denied()).isEmpty();
  }

  @Test
  void lockedImageWithALayer_thatIsDeniedLater_isRefused_andTheEntryNamesTheLayer() {
    Descriptor layer = images.layer("poison");
    Descriptor list =
        images.index(
            "1.0",
            images.image("linux/amd64", images.layer("a")),
            images.image("linux/arm64", layer));
    mirror();
    deny(layer.digest());

    assertThat(mirror().outcome()).isEqualTo(Outcome.REFUSED);

    assertThat(locked().orElseThrow().digest()).isEqualTo(list.digest());
    assertThat(trust().denied()).contains(new Denial(layer.digest(), "poisoned"));
    assertThat(target.hasManifest("mirror/tool", "1.0")).isTrue();
    assertThat(mirror().outcome()).isEqualTo(Outcome.REFUSED);
  }

  @Test
  void successorThatIsDenied_leavesTheLockedOneAlone() {
    Descriptor first = release("A");
    mirror();
    Descriptor second = release("B");
    deny(second.digest());
    assertThat(mirror().outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(trust().denied()).isEmpty();
    assertThat(locked().orElseThrow().digest()).isEqualTo(first.digest());
    Descriptor third = release("C");
    assertThat(mirror().outcome()).isEqualTo(Outcome.COPIED);
    assertThat(locked().orElseThrow().digest()).isEqualTo(third.digest());
  }

  @Test
  void lockedRun_ofADeniedDigest_isRefused() {
    Descriptor list = release("A");
    mirror();
    target.removeTag("mirror/tool", "1.0");
    deny(list.digest());
    assertThat(only(run(options().fromLock(), copy("1.0", PLAIN))).outcome())
        .isEqualTo(Outcome.REFUSED);
    assertThat(target.tags("mirror/tool")).doesNotContain("1.0");
  }

  @Test
  void check_ofADeniedDigest_says() {
    Descriptor list = release("A");
    mirror();
    deny(list.digest());
    assertThat(plan(options().checking(), copy("1.0", PLAIN)).images().getFirst().verdict())
        .isEqualTo(PlannedImage.Verdict.REFUSE);
  }

  @Test
  void deniedPartOfAnAssembledList_refusesIt() {
    Descriptor amd64 = images.image("linux/amd64", images.layer("a"));
    Descriptor arm64 = images.image("linux/arm64", images.layer("b"));
    tag("1.0-amd64", amd64);
    tag("1.0-arm64", arm64);
    MirrorEntry.Assembly entry =
        new MirrorEntry.Assembly(
            new TreeMap<>(
                Map.of(
                    BOTH.getFirst(),
                    source.reference("acme/tool", "1.0-amd64"),
                    BOTH.getLast(),
                    source.reference("acme/tool", "1.0-arm64"))),
            target.reference("mirror/tool", "1.0"),
            PLAIN,
            "m:1");
    assertThat(only(run(options(), entry)).outcome()).isEqualTo(Outcome.COPIED);
    deny(arm64.digest());
    assertThat(only(run(options(), entry)).outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(lock.orElseThrow().images().values())
        .anySatisfy(image -> assertThat(image.trust().denied()).isPresent());
  }

  private void tag(String tag, Descriptor manifest) {
    source.addManifest(
        "acme/tool",
        tag,
        manifest.mediaType(),
        source.manifest("acme/tool", manifest.digest().toString()).bytes());
  }
}
