package io.entrepot.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.mirror.ImageResult.Outcome;
import io.entrepot.mirror.MirrorEntry.ImageCopy;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Index;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@code --recheck} looks at although no entry asks for it. */
class KeptCopiesTest extends MirrorSetup {

  private static final MirrorOptions RECHECK = MirrorOptions.DEFAULTS.rechecking();

  private Digest firstChild(Digest list) {
    Index index = (Index) source.manifest("acme/tool", list.toString()).parse();
    return index.manifests().getFirst().digest();
  }

  private boolean has(Digest digest) {
    return target.hasManifest("mirror/tool", digest.toString());
  }

  private ImageCopy other() {
    return new ImageCopy(
        source.reference("acme/tool", "2.0"), target.reference("mirror/tool", "2.0"), PLAIN, "m:2");
  }

  private static ImageResult at(MirrorReport report, String tag) {
    return report.images().stream()
        .filter(image -> String.valueOf(image.target().tag()).equals(tag))
        .findFirst()
        .orElseThrow();
  }

  /** A tag that moved; gives the former list. */
  private Descriptor moved() {
    Descriptor former = images.twoPlatforms("1.0");
    run(copy("1.0", PLAIN));
    images.index(
        "1.0",
        images.image("linux/amd64", images.layer("n")),
        images.image("linux/arm64", images.layer("m")));
    run(copy("1.0", PLAIN));
    return former;
  }

  @Test
  void retainedList_thatLostAChild_isHealed_andTheLockStaysAsItIs() {
    Descriptor former = moved();
    Digest child = firstChild(former.digest());
    target.removeManifest("mirror/tool", child);
    var before = lock;
    MirrorReport report = run(RECHECK, copy("1.0", PLAIN));
    assertThat(report.images()).hasSize(2);
    assertThat(at(report, "1.0_" + former.digest().shortHex(12)).outcome())
        .isEqualTo(Outcome.COPIED);
    assertThat(has(child)).isTrue();
    assertThat(lock).isEqualTo(before);
  }

  @Test
  void retainedList_thatIsWhole_asksNothingOfTheSource() {
    Descriptor former = moved();
    int before = source.requests().size();
    MirrorReport report = run(RECHECK, copy("1.0", PLAIN));
    assertThat(report.images())
        .hasSize(2)
        .extracting(ImageResult::outcome)
        .containsOnly(Outcome.UNCHANGED);
    assertThat(source.requests().subList(before, source.requests().size()).stream())
        .noneMatch(request -> request.path().contains(former.digest().toString()));
  }

  @Test
  void whatTheSourceHasNoMore_isNamed_andTheRestIsHealed() {
    Descriptor former = moved();
    Digest child = firstChild(former.digest());
    target.removeManifest("mirror/tool", child);
    source.removeManifest("acme/tool", child);
    MirrorReport report = run(RECHECK, copy("1.0", PLAIN));
    ImageResult result = at(report, "1.0_" + former.digest().shortHex(12));
    assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
    assertThat(result.error()).contains(child.toString());
    assertThat(at(report, "1.0").outcome()).isEqualTo(Outcome.UNCHANGED);
  }

  @Test
  void lockEntryThatNoEntryCovers_isHealedBeforeItIsForgotten() {
    Descriptor list = images.twoPlatforms("1.0");
    images.index(
        "2.0",
        images.image("linux/amd64", images.layer("x")),
        images.image("linux/arm64", images.layer("y")));
    run(copy("1.0", PLAIN), other());
    Digest child = firstChild(list.digest());
    target.removeManifest("mirror/tool", child);
    MirrorReport report = run(RECHECK, other());
    assertThat(at(report, "1.0").outcome()).isEqualTo(Outcome.COPIED);
    assertThat(has(child)).isTrue();
    assertThat(report.lock().images()).containsOnlyKeys(source.reference("acme/tool", "2.0"));
  }

  @Test
  void tagThatSomebodyMoved_isNotTakenBack() {
    Descriptor list = images.twoPlatforms("1.0");
    images.index(
        "2.0",
        images.image("linux/amd64", images.layer("x")),
        images.image("linux/arm64", images.layer("y")));
    run(copy("1.0", PLAIN), other());
    target.addManifest(
        "mirror/tool", "1.0", list.mediaType(), source.manifest("acme/tool", "2.0").bytes());
    MirrorReport report = run(RECHECK, other());
    assertThat(report.images()).extracting(ImageResult::error).containsOnlyNulls();
    assertThat(target.manifest("mirror/tool", "1.0").digest())
        .isEqualTo(source.manifest("acme/tool", "2.0").digest());
    assertThat(target.manifest("mirror/tool", "1.0_" + list.digest().shortHex(12)).digest())
        .isEqualTo(list.digest());
  }

  @Test
  void withOnly_othersAreNotLookedAt() {
    Descriptor former = moved();
    target.removeManifest("mirror/tool", firstChild(former.digest()));
    MirrorReport report = run(RECHECK.withOnly("*nothing*"), copy("1.0", PLAIN));
    assertThat(report.images()).isEmpty();
  }

  @Test
  void withoutRecheck_nothingElseIsAsked() {
    moved();
    List<ImageResult> results = run(copy("1.0", PLAIN)).images();
    assertThat(results).hasSize(1);
    assertThat(target.count("GET tags")).isZero();
  }
}
