import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/**
 * Makes {@code entrepot-VERSION-linux-ARCHITECTURE.tar.gz}, which runs where there is no Java.
 *
 * <pre>java Distribution.java SOURCES TARGET LIBRARIES VERSION TIME</pre>
 *
 * <p>SOURCES is the root of the source tree, TARGET the folder with {@code entrepot.jar}, LIBRARIES
 * the class path that the jar was made of; every file in the archive is as old as TIME says. Runs
 * on the JDK that is to be packed, on the architecture it is packed for: the start-up caches are
 * made by running what was packed.
 */
final class Distribution {

  /**
   * What the program and its libraries use. {@code jdeps} finds all but the last in the bytecode;
   * numbers of the process for /metrics are found by name only at run time. Not java.desktop and
   * jdk.jfr: who asks for them does without.
   */
  private static final List<String> MODULES =
      List.of(
          "java.base",
          "java.compiler",
          "java.logging",
          "java.management",
          "java.naming",
          "java.security.jgss",
          "java.sql",
          "jdk.unsupported",
          "jdk.management");

  /** What the launcher says too: the caches are for just these options. */
  private static final List<String> START =
      List.of("--enable-native-access=" + ProgramModule.NAME, "-m", ProgramModule.NAME);

  private final Path sources;
  private final Path target;
  private final String libraries;
  private final FileTime time;
  private final String architecture;
  private final Path folder;

  private Distribution(Path sources, Path target, String libraries, String version, FileTime time) {
    this.sources = sources;
    this.target = target;
    this.libraries = libraries;
    this.time = time;
    this.architecture =
        Map.of("amd64", "amd64", "x86_64", "amd64", "aarch64", "arm64")
            .getOrDefault(System.getProperty("os.arch"), System.getProperty("os.arch"));
    this.folder = target.resolve("distribution/entrepot-" + version + "-linux-" + architecture);
  }

  public static void main(String[] arguments) throws Exception {
    if (!System.getProperty("os.name").equals("Linux")) {
      System.out.println("no distribution: it is made on Linux only");
      return;
    }
    new Distribution(
            Path.of(arguments[0]).toAbsolutePath(),
            Path.of(arguments[1]).toAbsolutePath(),
            arguments[2],
            arguments[3],
            FileTime.from(Instant.parse(arguments[4])))
        .make();
  }

  private void make() throws Exception {
    deleteAll(folder.getParent());
    Files.createDirectories(folder.getParent());
    link();
    program();
    launcher();
    documents();
    // Trained is what will be unpacked, with its rights and times.
    age();
    train();
    age();
    pack();
  }

  private void link() throws IOException {
    Path module = target.resolve("distribution/module.jar");
    ProgramModule.write(target.resolve("entrepot.jar"), libraries, MODULES, module);
    ToolProvider jlink = ToolProvider.findFirst("jlink").orElseThrow();
    int code =
        jlink.run(
            System.out,
            System.err,
            "--module-path",
            module.toString(),
            "--add-modules",
            ProgramModule.NAME,
            "--no-header-files",
            "--no-man-pages",
            "--output",
            folder.resolve("runtime").toString());
    if (code != 0) {
      throw new IllegalStateException("jlink ended with " + code);
    }
  }

  private void program() throws IOException {
    Path app = Files.createDirectories(folder.resolve("app"));
    boolean amd64 = architecture.equals("amd64");
    // Native code is found there, and need not be unpacked to /tmp at each start.
    Path nativeCode = Files.createDirectories(app.resolve("native"));
    unpack("META-INF/native/(.*_%s\\.so)".formatted(amd64 ? "x86_64" : "aarch_64"), nativeCode);
    unpack("linux/%s/(.*\\.so)".formatted(amd64 ? "amd64" : "aarch64"), nativeCode);
    // A runtime's modules can be read by no other program.
    unpack(
        "META-INF/((license/)?[^/]*(LICENSE|NOTICE)[^/]*|license/[^/]+)", folder.resolve("legal"));
    for (String file :
        List.of(
            "kind.sh",
            "common.options",
            "mirror.options",
            "serve.options",
            "pin.options",
            "mirror.directives")) {
      Files.copy(sources.resolve("distribution/src/launcher").resolve(file), app.resolve(file));
    }
  }

  /** Copies what a pattern fits from the jar; its first group is the name. */
  private void unpack(String pattern, Path to) throws IOException {
    Pattern wanted = Pattern.compile(pattern);
    try (JarFile jar = new JarFile(target.resolve("entrepot.jar").toFile())) {
      for (Enumeration<? extends ZipEntry> all = jar.entries(); all.hasMoreElements(); ) {
        ZipEntry entry = all.nextElement();
        Matcher name = wanted.matcher(entry.getName());
        if (!entry.isDirectory() && name.matches()) {
          Path file = to.resolve(name.group(1));
          Files.createDirectories(file.getParent());
          try (var bytes = jar.getInputStream(entry)) {
            Files.copy(bytes, file);
          }
        }
      }
    }
  }

  private void launcher() throws IOException {
    Path launcher = Files.createDirectories(folder.resolve("bin")).resolve("entrepot");
    Files.copy(sources.resolve("distribution/src/launcher/launcher.sh"), launcher);
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
    for (String name : List.of("README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE", "NOTICE")) {
      Files.copy(sources.resolve(name), folder.resolve(name));
    }
    for (String name : List.of("config", "docs", "deploy")) {
      copyAll(sources.resolve(name), folder.resolve(name));
    }
  }

  private static void copyAll(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  private void documents() throws Exception {
    print("share/bash-completion/completions/entrepot", "bash");
    print("share/zsh/site-functions/_entrepot", "zsh");
    print("share/fish/vendor_completions.d/entrepot.fish", "fish");
    print("share/man/man1/entrepot.1", "--man");
  }

  private void print(String name, String what) throws Exception {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    List<String> command = new ArrayList<>(List.of(java()));
    command.addAll(START);
    command.addAll(List.of("completion", what));
    run(new ProcessBuilder(command).redirectOutput(file.toFile()));
  }

  private void train() throws Exception {
    Path app = folder.resolve("app");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                sources.resolve("distribution/src/tools/Training.java").toString(),
                java(),
                app.toString(),
                app.toString(),
                "-Djava.library.path=" + app.resolve("native")));
    command.addAll(START);
    run(new ProcessBuilder(command).inheritIO());
    for (String kind : List.of("mirror", "serve", "pin")) {
      Path log = app.resolve(kind + ".aot.log");
      Files.move(
          log,
          target.resolve("distribution").resolve(log.getFileName()),
          StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private String java() {
    return folder.resolve("runtime/bin/java").toString();
  }

  private void age() throws IOException {
    List<Path> files = all(folder);
    for (Path file : files) {
      boolean runs = Files.isDirectory(file) || Files.isExecutable(file);
      Files.setPosixFilePermissions(
          file, PosixFilePermissions.fromString(runs ? "rwxr-xr-x" : "rw-r--r--"));
      Files.setLastModifiedTime(file, time);
    }
  }

  private void pack() throws Exception {
    String name = folder.getFileName().toString();
    Path archive = target.resolve(name + ".tar.gz");
    Files.deleteIfExists(archive);
    run(
        new ProcessBuilder(
                "tar",
                "--sort=name",
                "--format=gnu",
                "--owner=0",
                "--group=0",
                "--numeric-owner",
                "--use-compress-program=gzip -n -6",
                "-C",
                folder.getParent().toString(),
                "-cf",
                archive.toString(),
                name)
            .inheritIO());
    System.out.printf("%s: %,d bytes%n", archive, Files.size(archive));
  }

  private static void run(ProcessBuilder builder) throws Exception {
    builder.environment().keySet().removeIf(name -> name.endsWith("JAVA_OPTIONS"));
    int code = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start().waitFor();
    if (code != 0) {
      throw new IllegalStateException(builder.command() + " ended with " + code);
    }
  }

  /** Everything under a folder and the folder, what is deeper first. */
  private static List<Path> all(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return new ArrayList<>(
          files
              .filter(Predicate.not(Files::isSymbolicLink))
              .sorted(Comparator.reverseOrder())
              .toList());
    }
  }

  private static void deleteAll(Path folder) throws IOException {
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
