package io.entrepot.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.layout.Layout;
import io.entrepot.layout.LayoutReference;
import io.entrepot.lock.LockFile;
import io.entrepot.mirror.ImageResult.Outcome;
import io.entrepot.mirror.MirrorEntry.Assembly;
import io.entrepot.mirror.MirrorEntry.ImageCopy;
import io.entrepot.mirror.MirrorEntry.TagSelection;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Platform;
import io.entrepot.oci.Tag;
import io.entrepot.registry.NamingRule;
import io.entrepot.registry.RegistryException;
import io.entrepot.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mirror files that travel by an image layout. */
class LayoutMirrorTest extends MirrorSetup {

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path folder;

  private LayoutReference directory() {
    return new LayoutReference(false, folder.resolve("carried"), null);
  }

  private LayoutReference archive() {
    return new LayoutReference(true, folder.resolve("carried.tar"), null);
  }

  /** As {@code mirror --to} does it. */
  private MirrorReport carry(
      LayoutReference to, long split, @Nullable LockFile since, MirrorEntry... entries) {
    try (Layout layout = Layout.edit(to, split)) {
      LayoutExport export = new LayoutExport(layout, new MirrorSpec(List.of(entries)), since);
      var client = client();
      Mirror mirror =
          new Mirror(client, export.target(client), MirrorOptions.DEFAULTS, MirrorListener.SILENT);
      MirrorReport report =
          mirror.run(
              mirror.plan(
                  export.spec(), Optional.of(export.planning(lock.orElseGet(LockFile::empty)))));
      export.conclude(report);
      layout.finish();
      return report;
    }
  }

  private MirrorReport carry(LayoutReference to, MirrorEntry... entries) {
    return carry(to, 0, null, entries);
  }

  /** As {@code mirror --from} does it, on a side that has {@code own}. */
  private MirrorReport arrive(LayoutReference from, LockFile own, MirrorEntry... entries) {
    try (Layout layout = Layout.open(from)) {
      LayoutImport arriving = new LayoutImport(layout, settings(entries), own, Optional.empty());
      Mirror mirror =
          new Mirror(
              arriving.source(),
              client(),
              MirrorOptions.DEFAULTS.fromLock(),
              MirrorListener.SILENT);
      return arriving.conclude(
          mirror.run(mirror.plan(arriving.spec(), Optional.of(arriving.planning()))));
    }
  }

  private static MirrorSettings settings(MirrorEntry... entries) {
    return new MirrorSettings(
        new MirrorSpec(List.of(entries)),
        new TreeMap<>(),
        new ImageDefaults(Optional.empty(), NamingRule.FLAT, PLAIN, ARTIFACT),
        List.of(),
        List.of(),
        List.of());
  }

  private static LockFile none() {
    return LockFile.empty();
  }

  @Test
  void layout_isWrittenWithoutAskingTheTarget_andReadWithoutAskingTheSource() {
    Descriptor list = images.twoPlatforms("1.0");
    MirrorReport out = carry(directory(), copy("1.0", PLAIN));
    assertThat(only(out).outcome()).isEqualTo(Outcome.COPIED);
    assertThat(target.requests()).isEmpty();
    source.clear();

    MirrorReport in = arrive(directory(), none(), copy("1.0", PLAIN));

    assertThat(only(in).error()).isNull();
    assertThat(source.requests()).isEmpty();
    assertThat(target.digestOf("mirror/tool", "1.0")).isEqualTo(list.digest());
    assertThat(in.lock()).isEqualTo(out.lock());
    assertThat(in.pulls()).isEmpty();
  }

  @Test
  void secondArrival_findsEverythingThere() {
    images.twoPlatforms("1.0");
    carry(directory(), copy("1.0", PLAIN));
    LockFile own = arrive(directory(), none(), copy("1.0", PLAIN)).lock();
    target.clear();

    assertThat(only(arrive(directory(), own, copy("1.0", PLAIN))).outcome())
        .isEqualTo(Outcome.UNCHANGED);
    assertThat(target.counts()).containsOnlyKeys("HEAD manifest");
    assertThat(only(arrive(directory(), none(), copy("1.0", PLAIN))).outcome())
        .isEqualTo(Outcome.UNCHANGED);
  }

  @Test
  void secondExport_writesNothing() throws IOException {
    images.twoPlatforms("1.0");
    lock = Optional.of(carry(directory(), copy("1.0", PLAIN)).lock());
    Map<Path, byte[]> before = contents(directory().path());
    source.clear();

    MirrorReport again = carry(directory(), copy("1.0", PLAIN));

    assertThat(only(again).outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(source.count("GET blob")).isZero();
    assertThat(contents(directory().path())).usingRecursiveComparison().isEqualTo(before);
  }

  @Test
  void archiveInParts_arrivesAsADirectoryDoes() throws IOException {
    Descriptor list = images.twoPlatforms("1.0");
    carry(archive(), 1500, null, copy("1.0", PLAIN));
    assertThat(folder.resolve("carried.tar")).doesNotExist();
    assertThat(folder.resolve("carried.tar.001")).hasSize(1500);
    assertThat(folder.resolve("carried.tar.partial")).doesNotExist();

    assertThat(only(arrive(archive(), none(), copy("1.0", PLAIN))).error()).isNull();
    assertThat(target.digestOf("mirror/tool", "1.0")).isEqualTo(list.digest());

    for (Path part : files(folder).filter(each -> each.toString().contains(".0")).toList()) {
      byte[] bytes = Files.readAllBytes(part);
      Files.delete(part);
      assertThatThrownBy(() -> arrive(archive(), none(), copy("1.0", PLAIN)))
          .isInstanceOf(RegistryException.class)
          .hasMessageContaining("missing");
      Files.write(part, bytes);
    }
  }

  @Test
  void archiveWrittenAgain_keepsWhatWasInIt() {
    images.twoPlatforms("1.0");
    images.index(
        "2.0",
        images.image("linux/amd64", images.layer("a")),
        images.image("linux/arm64", images.layer("b")));
    carry(archive(), copy("1.0", PLAIN));
    carry(archive(), copy("2.0", PLAIN));

    MirrorReport in = arrive(archive(), none(), copy("1.0", PLAIN), copy("2.0", PLAIN));

    assertThat(in.images()).allSatisfy(each -> assertThat(each.error()).isNull());
    assertThat(target.tags("mirror/tool")).containsExactlyInAnyOrder("1.0", "2.0");
  }

  @Test
  void signaturesOfBothKinds_travel() {
    Descriptor list = images.twoPlatforms("1.0");
    source.referrersApi(true);
    target.referrersApi(true);
    Descriptor statement = images.artifact(null, "application/spdx+json", "sbom", list);
    images.artifact(
        Tag.attachmentOf(list.digest(), "sig").value(), "application/vnd.sig", "signed", null);
    carry(directory(), copy("1.0", WITH_REFERRERS));

    MirrorReport in = arrive(directory(), none(), copy("1.0", WITH_REFERRERS));

    assertThat(only(in).error()).isNull();
    assertThat(target.hasManifest("mirror/tool", statement.digest().toString())).isTrue();
    assertThat(target.tags("mirror/tool")).contains(Tag.attachmentOf(list.digest(), "sig").value());
  }

  @Test
  void tagsAndMadeLists_travelUnderTheirNames() {
    Descriptor amd64 = images.image("linux/amd64", images.layer("one"));
    Descriptor arm64 = images.image("linux/arm64", images.layer("two"));
    images.tag("2-amd64", amd64);
    images.tag("2-arm64", arm64);
    images.twoPlatforms("1.1");
    MirrorEntry selection =
        new TagSelection(
            source.repository("acme/tool"),
            target.repository("mirror/tool"),
            new TagFilter(null, Pattern.compile("^1\\.1$"), 0),
            PLAIN,
            "mirror.yaml:1");
    MirrorEntry made =
        new Assembly(
            new TreeMap<>(
                Map.of(
                    Platform.parse("linux/amd64"), source.reference("acme/tool", "2-amd64"),
                    Platform.parse("linux/arm64"), source.reference("acme/tool", "2-arm64"))),
            target.reference("mirror/tool", "2"),
            PLAIN,
            "mirror.yaml:2");
    MirrorReport out = carry(directory(), selection, made);
    assertThat(out.images()).allSatisfy(each -> assertThat(each.error()).isNull());
    source.clear();

    MirrorReport in = arrive(directory(), none(), selection, made);

    assertThat(in.images()).allSatisfy(each -> assertThat(each.error()).isNull());
    assertThat(source.requests()).isEmpty();
    assertThat(target.tags("mirror/tool")).containsExactlyInAnyOrder("1.1", "2");
    assertThat(in.lock()).isEqualTo(out.lock());
  }

  @Test
  void sparseLayout_holdsWhatIsNew_andIsCompletedAtTheTarget() {
    images.twoPlatforms("1.0");
    Descriptor shared = images.layer("shared");
    images.index("2.0", images.image("linux/amd64", shared), images.image("linux/arm64", shared));
    LockFile old = run(copy("1.0", PLAIN), copy("2.0", PLAIN)).lock();
    Descriptor fresh = images.layer("fresh");
    Descriptor moved =
        images.index(
            "2.0",
            images.image("linux/amd64", shared, fresh),
            images.image("linux/arm64", shared, fresh));
    lock = Optional.empty();

    carry(directory(), 0, old, copy("1.0", PLAIN), copy("2.0", PLAIN));

    assertThat(directory().path().resolve("blobs/sha256/" + fresh.digest().hex())).exists();
    assertThat(directory().path().resolve("blobs/sha256/" + shared.digest().hex())).doesNotExist();
    MirrorReport in = arrive(directory(), old, copy("1.0", PLAIN), copy("2.0", PLAIN));
    assertThat(in.images()).allSatisfy(each -> assertThat(each.error()).isNull());
    assertThat(target.digestOf("mirror/tool", "2.0")).isEqualTo(moved.digest());

    target.removeTag("mirror/tool", "1.0");
    target.removeManifest("mirror/tool", old.images().firstEntry().getValue().digest());
    MirrorReport lacking = arrive(directory(), none(), copy("1.0", PLAIN), copy("2.0", PLAIN));
    assertThat(lacking.images().getFirst().outcome()).isEqualTo(Outcome.FAILED);
    assertThat(lacking.images().getFirst().error()).contains("it has no file blobs/sha256/");
  }

  @Test
  void flippedBitInAnyFile_movesNoTag() throws IOException {
    images.twoPlatforms("1.0");
    carry(directory(), copy("1.0", PLAIN));
    for (Path file : files(directory().path()).toList()) {
      byte[] sound = Files.readAllBytes(file);
      byte[] flipped = sound.clone();
      flipped[flipped.length / 2] ^= 1;
      Files.write(file, flipped);
      Refused refused = refused(copy("1.0", PLAIN));
      assertThat(target.tags("mirror/tool")).as("%s: %s", file, refused).isEmpty();
      Files.write(file, sound);
    }
    assertThat(only(arrive(directory(), none(), copy("1.0", PLAIN))).error()).isNull();
  }

  @Test
  void missingShortOrLinkedFile_isNamed_andNoTagMoves() throws IOException {
    images.twoPlatforms("1.0");
    carry(directory(), copy("1.0", PLAIN));
    for (Path file : files(directory().path()).toList()) {
      byte[] sound = Files.readAllBytes(file);
      Files.delete(file);
      assertThat(refused(copy("1.0", PLAIN)).message()).contains(file.getFileName().toString());
      Files.write(file, Arrays.copyOf(sound, sound.length - 1));
      assertThat(refused(copy("1.0", PLAIN)).message()).contains(file.getFileName().toString());
      Path elsewhere = folder.resolve("elsewhere");
      Files.write(elsewhere, sound);
      Files.delete(file);
      Files.createSymbolicLink(file, elsewhere);
      assertThat(refused(copy("1.0", PLAIN)).message()).contains(file.getFileName().toString());
      Files.delete(file);
      Files.write(file, sound);
    }
    assertThat(target.tags("mirror/tool")).isEmpty();
  }

  private record Refused(String message) {}

  private Refused refused(ImageCopy entry) {
    try {
      MirrorReport report = arrive(directory(), none(), entry);
      assertThat(only(report).outcome()).isEqualTo(Outcome.FAILED);
      return new Refused(String.valueOf(only(report).error()));
    } catch (RegistryException | ConfigException e) {
      return new Refused(String.valueOf(e.getMessage()));
    }
  }

  private static Stream<Path> files(Path directory) throws IOException {
    try (Stream<Path> walk = Files.walk(directory)) {
      return walk
          .filter(each -> Files.isRegularFile(each, LinkOption.NOFOLLOW_LINKS))
          .sorted()
          .toList()
          .stream();
    }
  }

  private static Map<Path, byte[]> contents(Path directory) throws IOException {
    Map<Path, byte[]> contents = new TreeMap<>();
    for (Path file : files(directory).toList()) {
      contents.put(file, Files.readAllBytes(file));
    }
    return contents;
  }
}
