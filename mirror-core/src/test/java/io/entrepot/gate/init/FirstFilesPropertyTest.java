package io.entrepot.gate.init;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.config.SpecLoader;
import io.entrepot.gate.CheckSpecReader;
import io.entrepot.gate.rules.AllRules;
import io.entrepot.mirror.MirrorEntry.ImageCopy;
import io.entrepot.mirror.MirrorSpecReader;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever a tree names, what is written of it is read by our own readers, and holds all of it. */
class FirstFilesPropertyTest {

  private static Path folder = Path.of("");

  @BeforeContainer
  static void make() throws IOException {
    folder = Files.createTempDirectory("init").toRealPath();
  }

  @AfterContainer
  static void remove() throws IOException {
    try (var files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }

  @Provide
  Arbitrary<Set<String>> images() {
    Arbitrary<String> names =
        Combinators.combine(
                Arbitraries.of(
                    "", "docker.io/", "quay.io/", "localhost:5000/", "[::1]:5000/", "quay-io/"),
                Arbitraries.of(
                    "redis", "acme/tool", "acme-tool", "a/b/c", "a-b/c", "library/redis"))
            .as((registry, path) -> registry + path);
    Arbitrary<String> tags =
        Arbitraries.of("", ":7", ":null", ":1.0", ":0x1F", ":" + "t".repeat(128));
    Arbitrary<String> digests =
        Arbitraries.of("a", "b")
            .map(text -> "@" + Digest.of(text.getBytes(StandardCharsets.UTF_8)));
    return Combinators.combine(names, tags, digests.injectNull(0.6))
        .as((name, tag, digest) -> name + tag + (digest == null ? "" : digest))
        .set()
        .ofMinSize(1)
        .ofMaxSize(12);
  }

  @Property(tries = 200)
  void everyImage_isWrittenOnce_andRead(@ForAll("images") Set<String> images) throws IOException {
    Path tree = Files.createDirectories(folder.resolve("tree"));
    StringBuilder manifests = new StringBuilder();
    int number = 0;
    for (String image : new TreeSet<>(images)) {
      manifests.append(
          """
          ---
          apiVersion: v1
          kind: Pod
          metadata: { name: p%d }
          spec: { containers: [{ name: c, image: "%s" }] }
          """
              .formatted(number++, image));
    }
    Files.writeString(tree.resolve("pods.yaml"), manifests);
    InitReport report =
        new FirstFiles(
                new InitRequest(
                    tree,
                    List.of(),
                    null,
                    "",
                    List.of(),
                    Repository.parse("ghcr.io/acme/mirror"),
                    List.of(),
                    true,
                    false,
                    Optional.empty(),
                    folder.resolve("cache")),
                () -> {
                  throw new AssertionError("no registry may be asked");
                })
            .make();

    SpecLoader loader = new SpecLoader(name -> null);
    Path mirror = Files.writeString(folder.resolve("mirror.yaml"), report.mirror());
    Path check = Files.writeString(folder.resolve("check.yaml"), String.valueOf(report.check()));
    assertThat(CheckSpecReader.load(loader, check, AllRules.RULES).targets()).hasSize(1);
    List<ImageCopy> copies =
        MirrorSpecReader.load(loader, mirror).spec().entries().stream()
            .map(ImageCopy.class::cast)
            .toList();
    Set<ImageReference> wanted =
        images.stream()
            .map(text -> ImageReference.parse(text).orLatest())
            .map(image -> image.digest() == null ? image : image.pinnedTo(image.digest()))
            .collect(Collectors.toSet());
    assertThat(copies.stream().map(ImageCopy::source)).containsExactlyInAnyOrderElementsOf(wanted);
    Map<Repository, Repository> repositories = new HashMap<>();
    for (ImageCopy copy : copies) {
      Repository other =
          repositories.putIfAbsent(copy.target().repository(), copy.source().repository());
      assertThat(other).isIn(null, copy.source().repository());
    }
  }
}
