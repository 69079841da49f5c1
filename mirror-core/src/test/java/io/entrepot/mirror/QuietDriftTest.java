package io.entrepot.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.lock.LockFileCodec;
import io.entrepot.mirror.ImageResult.Outcome;
import io.entrepot.mirror.PlannedImage.Verdict;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuietDriftTest extends MirrorSetup {

  @TempDir Path directory;

  private final Descriptor amd64 = images.image("linux/amd64", images.layer("a"));
  private final Descriptor arm64 = images.image("linux/arm64", images.layer("b"));
  private final Descriptor first = images.index("1.0", amd64, arm64, images.attestation(amd64));

  @BeforeEach
  void locked() {
    run(copy("1.0", PLAIN));
    clear();
  }

  /** A third architecture is added and the attestation is left out. */
  private Descriptor changeWhatNobodyAskedFor() {
    return images.index("1.0", images.image("linux/s390x", images.layer("c")), amd64, arm64);
  }

  @Test
  void addedArchitecture_movesNeitherTagNorLock() {
    String before = LockFileCodec.format(lock.orElseThrow());
    Descriptor now = changeWhatNobodyAskedFor();

    ImageResult result = only(run(copy("1.0", PLAIN)));

    assertThat(result.outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(result.drift()).isEqualTo(Drift.QUIET);
    assertThat(result.digest()).isEqualTo(first.digest());
    assertThat(result.atSource()).isEqualTo(now.digest());
    assertThat(result.platforms()).isEqualTo(BOTH);
    assertThat(result.notes()).singleElement().asString().contains(now.digest().toString());
    assertThat(target.digestOf("mirror/tool", "1.0")).isEqualTo(first.digest());
    assertThat(target.count("PUT manifest")).isZero();
    assertThat(LockFileCodec.format(lock.orElseThrow())).isEqualTo(before);
  }

  @Test
  void check_saysQuiet_andNothingToChange() {
    changeWhatNobodyAskedFor();
    MirrorPlan plan = plan(MirrorOptions.DEFAULTS.checking(), copy("1.0", PLAIN));
    assertThat(plan.changes()).isEmpty();
    assertThat(plan.images().getFirst().drift()).isEqualTo(Drift.QUIET);
    assertThat(plan.images().getFirst().verdict()).isEqualTo(Verdict.UNCHANGED);
  }

  @Test
  void rememberedList_costsOneHeadOnEachSide() throws IOException {
    Path file = directory.resolve("deep/lists.json");
    changeWhatNobodyAskedFor();
    checkRemembering(file);
    assertThat(source.count("GET manifest")).isEqualTo(1);
    assertThat(target.count("GET manifest")).isEqualTo(1);
    clear();

    checkRemembering(file);

    assertThat(source.requests()).hasSize(1);
    assertThat(source.count("HEAD manifest")).isEqualTo(1);
    assertThat(target.requests()).hasSize(1);
    assertThat(target.count("HEAD manifest")).isEqualTo(1);
  }

  @Test
  void memoryThatCannotBeRead_isReadAgainFromTheRegistries() throws IOException {
    Path file = directory.resolve("lists.json");
    changeWhatNobodyAskedFor();
    for (String broken :
        List.of("", "{\"lists\":{\"sha256:1\":{}}}", "[1", "{\"lists\":{\"x\":7}}")) {
      Files.writeString(file, broken, UTF_8);
      clear();
      checkRemembering(file);
      assertThat(source.count("GET manifest")).as(broken).isEqualTo(1);
      assertThat(Files.readString(file)).contains(first.digest().toString());
    }
  }

  private void checkRemembering(Path file) throws IOException {
    ListMemory memory = ListMemory.of(file);
    MirrorOptions options = MirrorOptions.DEFAULTS.checking().remembering(memory);
    MirrorPlan plan = plan(options, copy("1.0", PLAIN));
    memory.write(file);
    assertThat(plan.images().getFirst().drift()).isEqualTo(Drift.QUIET);
  }

  @Test
  void otherManifestForOnePlatform_moves_andTheListIsReadOnce() {
    images.index("1.0", amd64, images.image("linux/arm64", images.layer("other")));
    assertMoves(PLAIN);
    // The list and the one manifest that the target lacks.
    assertThat(source.count("GET manifest")).isEqualTo(2);
  }

  @Test
  void otherEntryBeforeTheSameOne_moves() {
    images.index("1.0", images.image("linux/amd64", images.layer("other")), amd64, arm64);
    MirrorPlan plan = plan(MirrorOptions.DEFAULTS, copy("1.0", PLAIN));
    assertThat(plan.images().getFirst().drift()).isEqualTo(Drift.MOVED);
  }

  @Test
  void entryWithoutPlatform_moves() {
    Descriptor loose = images.image("linux/s390x", images.layer("c"));
    images.index(
        "1.0", amd64, arm64, Descriptor.of(loose.mediaType(), loose.digest(), loose.size()));
    MirrorPlan plan = plan(MirrorOptions.DEFAULTS, copy("1.0", PLAIN));
    assertThat(plan.images().getFirst().drift()).isEqualTo(Drift.MOVED);
  }

  @Test
  void quietFalse_moves() {
    changeWhatNobodyAskedFor();
    assertMoves(new CopyPolicy(BOTH, false, false, true, false, null));
  }

  @Test
  void imageWithoutPlatforms_moves() {
    changeWhatNobodyAskedFor();
    assertMoves(new CopyPolicy(List.of(), false, false, true, null));
    assertThat(source.count("GET manifest")).isEqualTo(2);
  }

  @Test
  void newlyRequiredPlatform_moves() {
    Descriptor now = changeWhatNobodyAskedFor();
    List<Platform> more = List.of(BOTH.get(0), BOTH.get(1), Platform.parse("linux/s390x"));
    assertMoves(new CopyPolicy(more, false, false, true, null));
    assertThat(target.digestOf("mirror/tool", "1.0")).isEqualTo(now.digest());
  }

  @Test
  void artifact_moves() {
    changeWhatNobodyAskedFor();
    assertMoves(ARTIFACT);
  }

  @Test
  void singleManifest_moves() {
    CopyPolicy one = new CopyPolicy(BOTH.subList(0, 1), false, false, true, "one is enough");
    images.tag("1.0", amd64);
    assertMoves(one);
  }

  @Test
  void targetThatIsNotAsTheLockSays_getsTheSourcesList() {
    Descriptor now = changeWhatNobodyAskedFor();
    target.removeManifest("mirror/tool", first.digest());
    ImageResult result = only(run(copy("1.0", PLAIN)));
    assertThat(result.outcome()).isEqualTo(Outcome.COPIED);
    assertThat(target.digestOf("mirror/tool", "1.0")).isEqualTo(now.digest());
  }

  @Test
  void recheck_healsTheLockedList_andStaysQuiet() {
    changeWhatNobodyAskedFor();
    target.removeManifest("mirror/tool", arm64.digest());
    ImageResult result = only(run(MirrorOptions.DEFAULTS.rechecking(), copy("1.0", PLAIN)));
    assertThat(result.error()).isNull();
    assertThat(result.outcome()).isEqualTo(Outcome.COPIED);
    assertThat(result.drift()).isEqualTo(Drift.QUIET);
    assertThat(target.hasManifest("mirror/tool", arm64.digest().toString())).isTrue();
    assertThat(target.digestOf("mirror/tool", "1.0")).isEqualTo(first.digest());
  }

  private void assertMoves(CopyPolicy policy) {
    ImageResult result = only(run(copy("1.0", policy)));
    assertThat(result.error()).isNull();
    assertThat(result.outcome()).isEqualTo(Outcome.COPIED);
    assertThat(result.drift()).isEqualTo(Drift.MOVED);
    assertThat(target.digestOf("mirror/tool", "1.0"))
        .isEqualTo(source.digestOf("acme/tool", "1.0"));
  }
}
