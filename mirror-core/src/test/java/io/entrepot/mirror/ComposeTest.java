package io.entrepot.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.config.SpecLoader;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.lock.LockedImage;
import io.entrepot.mirror.ImageResult.Outcome;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.Index;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RawManifest;
import io.entrepot.testing.Layer;
import io.entrepot.testing.TestImage;
import io.entrepot.testing.TestImages;
import io.entrepot.verify.LayerFiles;
import io.entrepot.yaml.ConfigException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Images that are composed of a base, files of other images, and local files. */
class ComposeTest extends MirrorSetup {

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path folder;

  @BeforeEach
  void sources() throws IOException {
    pushBase("base");
    pushTool("kubectl");
    Files.writeString(folder.resolve("patch.sh"), "#!/bin/sh\n");
  }

  @Test
  void composed_hasTheBasesLayersAndOneMore_onEachPlatform() throws IOException {
    ImageResult result = only(run(compose("/opt/kubectl", "/usr/local/bin/kubectl")));

    assertThat(result.outcome()).as(String.valueOf(result.error())).isEqualTo(Outcome.COPIED);
    RawManifest list = target.manifest("mirror/runner", "1");
    assertThat(list.mediaType().value()).isEqualTo("application/vnd.oci.image.index.v1+json");
    JsonNode document = JsonMapper.shared().readTree(list.bytes());
    assertThat(document.at("/annotations").toString())
        .contains(
            "\"org.opencontainers.image.base.name\":\"" + source.reference("acme/base", "1") + "\"",
            source.digestOf("acme/base", "1").toString());
    for (Descriptor entry : ((Index) list.parse()).children()) {
      Platform platform = Objects.requireNonNull(entry.platform());
      ImageManifest manifest = image(entry);
      assertThat(manifest.layers()).hasSize(2);
      assertThat(source.hasBlob("acme/base", manifest.layers().getFirst().digest())).isTrue();
      assertThat(members(manifest).keySet())
          .containsExactly("opt/patch.sh", "usr/local/", "usr/local/bin/", "usr/local/bin/kubectl");
      assertThat(members(manifest).get("usr/local/bin/kubectl")).isEqualTo("755 tool " + platform);
      assertThat(members(manifest).get("opt/patch.sh")).isEqualTo("755 #!/bin/sh\n");
      JsonNode config = config(manifest);
      assertThat(config.at("/config/User").asString()).isEqualTo("65532");
      assertThat(config.at("/config/Entrypoint/0").asString()).isEqualTo("/opt/patch.sh");
      assertThat(config.at("/config").has("Cmd")).isFalse();
      assertThat(config.at("/config/Env").toString()).contains("MODE=fast", "PATH=");
      assertThat(config.at("/rootfs/diff_ids")).hasSize(2);
      assertThat(config.at("/architecture").asString()).isEqualTo(platform.architecture());
    }
  }

  @Test
  void composedTwice_isTheSame_andTheSecondRunReadsNothing() throws IOException {
    MirrorEntry entry = compose("/opt/kubectl", "/usr/local/bin/kubectl");
    run(entry);
    Digest first = target.digestOf("mirror/runner", "1");
    LockedImage locked = locked();
    assertThat(locked.digest()).isEqualTo(first);
    assertThat(locked.origin().from().keySet())
        .containsExactly(
            source.reference("acme/base", "1").toString(),
            source.reference("acme/kubectl", "1").toString());
    assertThat(locked.origin().layers().keySet()).containsExactlyElementsOf(BOTH);
    String text = LockFileCodec.format(lock.orElseThrow());
    assertThat(text).contains("    from:\n", "    diffIDs:\n      linux/amd64: sha256:");
    assertThat(LockFileCodec.parse("lock", text)).isEqualTo(lock.orElseThrow());

    clear();
    assertThat(only(run(entry)).outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(source.counts().keySet()).containsExactly("HEAD manifest");

    lock = Optional.empty();
    target.removeTag("mirror/runner", "1");
    run(entry);
    assertThat(target.digestOf("mirror/runner", "1")).isEqualTo(first);
  }

  @Test
  void baseThatMoved_takesTheLayerThatIsThere_whateverACompressorWouldWrite() throws IOException {
    MirrorEntry entry = compose("/opt/kubectl", "/usr/local/bin/kubectl");
    run(entry);
    Set<Digest> before = layers();
    pushBase("another base");
    clear();

    assertThat(only(run(entry)).outcome()).isEqualTo(Outcome.COPIED);
    assertThat(layers()).isEqualTo(before);
  }

  @Test
  void localFileThatChanged_isComposedAnew() throws IOException {
    MirrorEntry entry = compose("/opt/kubectl", "/usr/local/bin/kubectl");
    run(entry);
    Files.writeString(folder.resolve("patch.sh"), "#!/bin/sh\nexit 1\n");

    assertThat(only(run(entry)).outcome()).isEqualTo(Outcome.COPIED);
  }

  @ParameterizedTest
  @CsvSource({
    "/usr/bin/link, /usr/local/bin/kubectl, usr/local/bin/kubectl",
    "/usr/bin/hard, /usr/local/bin/kubectl, usr/local/bin/kubectl",
    "/opt/kubectl, /usr/bin, usr/bin/kubectl",
    "/opt/kubectl, /bin/kubectl, usr/bin/kubectl",
    "/opt/kubectl, /climb/kubectl, usr/bin/kubectl",
    "/opt/folder, /srv/tools, srv/tools/deep/kubectl",
    "/opt/folder, /usr, usr/folder/deep/kubectl",
  })
  void links_areFollowedInTheSourceAndOnTheBase(String path, String to, String where)
      throws IOException {
    run(compose(path, to));

    Descriptor entry =
        ((Index) target.manifest("mirror/runner", "1").parse()).children().getFirst();
    assertThat(members(image(entry)).get(where)).startsWith("755 tool linux/amd64");
  }

  @ParameterizedTest
  @CsvSource({
    "/opt/gone, has no /opt/gone",
    "/opt/old, has no /opt/old",
    "/opt/outside, leads out of the image",
    "/opt/loop, has no /opt/loop",
  })
  void whatIsNotThere_isAMistakeOfTheFile(String path, String message) throws IOException {
    MirrorEntry entry = compose(path, "/usr/local/bin/x");

    assertThatThrownBy(() -> run(entry))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("mirror.yaml:6");
  }

  @Test
  void programOfAnotherArchitecture_isRefusedAndNoTagMoves() throws IOException {
    TestImage lying =
        TestImages.index(
            TestImages.builder("linux/amd64")
                .layers(Layer.files().program("opt/kubectl", "arm64").gzip())
                .build(),
            TestImages.builder("linux/arm64")
                .layers(Layer.files().program("opt/kubectl", "arm64").gzip())
                .build());
    lying.push(source, "acme/kubectl", "1");

    ImageResult result = only(run(compose("/opt/kubectl", "/usr/local/bin/kubectl")));

    assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(result.error()).contains("ELF arm64", "linux/amd64");
    assertThat(target.tags("mirror/runner")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "file: patch.sh, to: ../x | does not begin with a slash",
        "file: patch.sh, to: /a/../x | climbs",
        "file: patch.sh, to: /a/.wh.b | would take something away",
        "file: gone.sh, to: /x | there is no file",
        "file: patch.sh, to: /x, mode: rwx | not permissions",
        "to: /x | needs one of image and file",
      })
  void mistakesInTheFile_areNamed(String add, String message) {
    assertThatThrownBy(() -> read("add: [{ %s }]".formatted(add)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message.strip());
  }

  private void pushBase(String name) {
    TestImage[] platforms =
        BOTH.stream()
            .map(
                platform ->
                    TestImages.builder(platform.toString())
                        .layers(
                            Layer.files()
                                .directory("usr")
                                .directory("usr/bin")
                                .directory("opt")
                                .symlink("bin", "usr/bin")
                                .symlink("climb", "../../usr/bin")
                                .file("etc/name", name.getBytes(UTF_8))
                                .gzip())
                        .command("sleep")
                        .build())
            .toArray(TestImage[]::new);
    TestImages.index(platforms).push(source, "acme/base", "1");
  }

  private void pushTool(String name) {
    TestImage[] platforms =
        BOTH.stream()
            .map(
                platform -> {
                  byte[] tool = ("tool " + platform).getBytes(UTF_8);
                  return TestImages.builder(platform.toString())
                      .layers(
                          Layer.files()
                              .executable("opt/" + name, tool)
                              .executable("opt/old", tool)
                              .executable("opt/folder/deep/" + name, tool)
                              .gzip(),
                          Layer.files()
                              .whiteout("opt/old")
                              .symlink("usr/bin/link", "../../opt/" + name)
                              .hardlink("usr/bin/hard", "opt/" + name)
                              .symlink("opt/outside", "../../../etc/passwd")
                              .symlink("opt/loop", "loop")
                              .gzip())
                      .build();
                })
            .toArray(TestImage[]::new);
    TestImages.index(platforms).push(source, "acme/" + name, "1");
  }

  private MirrorEntry compose(String path, String to) throws IOException {
    return read(
        """
        add:
          - { image: %s, path: %s, to: %s }
          - { file: patch.sh, to: /opt/patch.sh, mode: "0755" }
        config: { user: "65532", entrypoint: [/opt/patch.sh], env: { MODE: fast } }
        """
            .formatted(source.reference("acme/kubectl", "1"), path, to));
  }

  private MirrorEntry read(String rest) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("mirror.yaml"),
            """
            images:
              - target: %s
                compose:
                  base: %s
                  %s
            """
                .formatted(
                    target.reference("mirror/runner", "1"),
                    source.reference("acme/base", "1"),
                    rest.replace("\n", "\n      ")));
    return MirrorSpecReader.load(new SpecLoader(_ -> null), file).spec().entries().getFirst();
  }

  private LockedImage locked() {
    return Objects.requireNonNull(
        lock.orElseThrow().images().get(target.reference("mirror/runner", "1")));
  }

  private Set<Digest> layers() {
    Set<Digest> digests = new TreeSet<>();
    ((Index) target.manifest("mirror/runner", "1").parse())
        .children()
        .forEach(entry -> digests.add(image(entry).layers().getLast().digest()));
    return digests;
  }

  private ImageManifest image(Descriptor entry) {
    return (ImageManifest) target.manifest("mirror/runner", entry.digest().toString()).parse();
  }

  private JsonNode config(ImageManifest manifest) {
    return JsonMapper.shared()
        .readTree(target.blob("mirror/runner", Objects.requireNonNull(manifest.config()).digest()));
  }

  /** Permissions and text of each member of the new layer. */
  private Map<String, String> members(ImageManifest manifest) throws IOException {
    Descriptor layer = manifest.layers().getLast();
    Map<String, String> members = new TreeMap<>();
    LayerFiles.each(
        new ByteArrayInputStream(target.blob("mirror/runner", layer.digest())),
        layer.size(),
        (entry, tar) ->
            members.put(
                entry.name(),
                "%o %s".formatted(entry.mode(), new String(tar.head((int) entry.size()), UTF_8))));
    return members;
  }
}
