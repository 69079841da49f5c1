package io.entrepot.tests;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.testing.Layer;
import io.entrepot.testing.TestImage;
import io.entrepot.testing.TestImages;
import io.entrepot.testing.TestRegistry;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A copy of {@code tests/fixtures/gitops}, whose digests are those of images in a registry on
 * loopback that stands for all registries.
 */
record GitOpsTree(Path folder) {

  static final Path FIXTURES = Path.of("fixtures").toAbsolutePath();

  /** What the tree's registries hold, by the digest that is written in the fixture. */
  record Images(TestRegistry registry, Map<String, String> digests) {

    /** Pushes what {@code images.tsv} lists. */
    static Images pushed(TestRegistry registry) throws IOException {
      Map<String, String> digests = new TreeMap<>();
      for (String line : Files.readAllLines(FIXTURES.resolve("images.tsv"))) {
        if (line.startsWith("#")) {
          continue;
        }
        List<String> columns = List.of(line.split("\t", -1));
        ImageReference reference = ImageReference.parse(columns.get(3));
        String path = reference.repository().path();
        String tag = columns.get(3).substring(columns.get(3).lastIndexOf(':') + 1);
        String seed = path.substring(path.lastIndexOf('/') + 1) + ":" + tag;
        Digest digest;
        if (columns.get(1).equals("absent")) {
          digest = Digest.of(seed.getBytes(UTF_8));
        } else {
          TestImage image = image(columns.get(1), columns.get(2).split(","), seed);
          image.push(registry, path, tag);
          digest = image.digest();
        }
        digests.put("sha256:" + columns.get(0).repeat(32), digest.toString());
      }
      return new Images(registry, digests);
    }

    private static TestImage image(String kind, String[] platforms, String seed) {
      List<TestImage> children =
          Arrays.stream(platforms)
              .map(
                  platform -> {
                    TestImages.Builder builder =
                        TestImages.builder(platform)
                            .layers(
                                Layer.files()
                                    .file("etc/image", (seed + platform).getBytes(UTF_8))
                                    .program("app", platform.replace("linux/", ""))
                                    .gzip());
                    return kind.equals("lying")
                        ? builder.configured("linux/amd64").build()
                        : builder.build();
                  })
              .toList();
      return kind.equals("single")
          ? children.getFirst()
          : TestImages.index(children.toArray(TestImage[]::new));
    }

    /** The same text with the digests that are in the registry. */
    String real(String text) {
      String result = text;
      for (Map.Entry<String, String> each : digests.entrySet()) {
        result = result.replace(each.getKey(), each.getValue());
      }
      return result;
    }
  }

  /** Copies the fixture into a folder, and points every registry at the one of the test. */
  static GitOpsTree copied(Path folder, Images images) throws IOException {
    Path source = FIXTURES.resolve("gitops");
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = folder.resolve(source.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.writeString(copy, images.real(Files.readString(file)));
      }
    }
    GitOpsTree tree = new GitOpsTree(folder);
    String registries =
        "registries:\n"
            + Stream.of("docker.io", "ghcr.io", "quay.io")
                .map(
                    "  %%s: { endpoints: [%s] }\n".formatted(images.registry().origin())::formatted)
                .collect(Collectors.joining());
    StringBuilder more = new StringBuilder(registries + "tools:\n");
    for (String tool : List.of("helm", "kustomize")) {
      program(tool).ifPresent(path -> more.append("  %s: %s\n".formatted(tool, path)));
    }
    // Before the rest: a test adds to the list that check.yaml ends with.
    Files.writeString(folder.resolve("check.yaml"), more + tree.read("check.yaml"));
    tree.add("mirror.yaml", registries);
    return tree;
  }

  /** Replaces a text that stands once in the file. */
  void replace(String file, String old, String replacement) throws IOException {
    String text = read(file);
    int at = text.indexOf(old);
    if (at < 0 || text.indexOf(old, at + 1) >= 0) {
      throw new AssertionError("not once in %s: %s".formatted(file, old));
    }
    Files.writeString(folder.resolve(file), text.replace(old, replacement));
  }

  /** Adds to the end of a file, which need not be there. */
  void add(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, (Files.exists(path) ? Files.readString(path) : "") + text);
  }

  String read(String file) throws IOException {
    return Files.readString(folder.resolve(file));
  }

  /** The number of the first line that holds the text, from 1. */
  int lineOf(String file, String text) throws IOException {
    List<String> lines = read(file).lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).contains(text)) {
        return i + 1;
      }
    }
    throw new AssertionError("no line of %s holds: %s".formatted(file, text));
  }

  /** Makes the tree as it is now a commit. */
  void commit() throws IOException, InterruptedException {
    git("init", "-q");
    git("add", "-A");
    git(
        "-c",
        "user.name=test",
        "-c",
        "user.email=test@example.org",
        "commit",
        "-q",
        "--no-gpg-sign",
        "-m",
        "before");
  }

  private void git(String... arguments) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(Stream.concat(Stream.of("git"), Stream.of(arguments)).toList())
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.waitFor() != 0) {
      throw new AssertionError("git " + List.of(arguments) + ": " + said);
    }
  }

  /** Where a program is: on the path, where Go installs, or where the runs with real ones do. */
  static Optional<Path> program(String name) {
    @Nullable String path = System.getenv("PATH");
    String home = System.getProperty("user.home");
    return Stream.concat(
            Arrays.stream((path == null ? "" : path).split(File.pathSeparator)),
            Stream.of(Path.of("interop/work/bin").toAbsolutePath().toString(), home + "/go/bin"))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst()
        .map(GitOpsTree::absolute);
  }

  private static Path absolute(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
