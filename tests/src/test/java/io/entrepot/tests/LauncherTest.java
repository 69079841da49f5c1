package io.entrepot.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a source tree and on a machine made up for the test. */
class LauncherTest {

  /** What the launcher calls, save Java and Maven. */
  private static final List<String> TOOLS =
      List.of("bash", "cat", "dirname", "find", "mkdir", "mv", "readlink", "rm", "sleep", "touch");

  private static final String LAUNCHER = "distribution/src/launcher";

  private final Path machine;
  private final Path tree;
  private final Path path;

  LauncherTest(@TempDir Path machine) throws IOException {
    this.machine = machine;
    path = Files.createDirectories(machine.resolve("bin"));
    for (String tool : TOOLS) {
      script(path.resolve(tool), "exec " + onThisMachine(tool) + " \"$@\"");
    }
    tree = Files.createDirectories(machine.resolve("tree"));
    Files.copy(launcher(), tree.resolve("entrepot"));
    Files.createDirectories(tree.resolve("cli/src/main"));
    Path shared = Files.createDirectories(tree.resolve(LAUNCHER));
    try (Stream<Path> files = Files.list(launcher().resolveSibling(LAUNCHER))) {
      for (Path file : files.toList()) {
        Files.copy(file, shared.resolve(file.getFileName()));
      }
    }
    Files.writeString(tree.resolve("cli/pom.xml"), "<project/>");
    Files.writeString(tree.resolve("distribution/pom.xml"), "<project/>");
    Files.writeString(tree.resolve("pom.xml"), "<project/>");
  }

  @Test
  void noJava_saysWhatToInstall_andExits2() throws Exception {
    Run run = run();

    assertThat(run.exit).isEqualTo(2);
    assertThat(run.output)
        .contains("needs a JDK 25 or newer")
        .contains("apt-get install")
        .contains("temurin-25-jdk")
        .contains("sdk install java 25-tem");
  }

  @Test
  void onlyAnOlderJava_isNotUsed() throws Exception {
    jdk("jvm/java-17", "17.0.15");

    assertThat(run().output).contains("needs a JDK 25 or newer");
  }

  @Test
  void javaWithoutCompiler_isToldApart_whenThereIsSomethingToBuild() throws Exception {
    Files.delete(jdk("jvm/jre-25", "25.0.1").resolve("bin/javac"));
    maven("exit 0");

    Run run = run();

    assertThat(run.exit).isEqualTo(2);
    assertThat(run.output).contains("no compiler").contains("temurin-25-jdk");
  }

  @Test
  void noMaven_isSaid() throws Exception {
    jdk("jvm/java-25", "25.0.1");

    Run run = run();

    assertThat(run.exit).isEqualTo(2);
    assertThat(run.output).contains("needs Maven 3.8");
  }

  /** Start-up caches are made beside the command, and may still be when it has ended. */
  @AfterEach
  void awaitTraining() throws Exception {
    Path built = tree.resolve("distribution/target");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (Files.isDirectory(built) && isTraining(built)) {
      assertThat(System.nanoTime()).as("a training that does not end").isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private static boolean isTraining(Path built) throws IOException {
    try (DirectoryStream<Path> found = Files.newDirectoryStream(built, "training.[0-9]*")) {
      return found.iterator().hasNext();
    }
  }

  @Test
  void newerJavaInAStandardFolder_buildsOnce_andPassesArgumentsAndExitCode() throws Exception {
    jdk("jvm/java-17", "17.0.15");
    jdk("jvm/java-26", "26");
    maven(
        "mkdir -p distribution/target; echo built >> ../builds; echo jar >"
            + " distribution/target/entrepot.jar");

    Run first = run("verify", "two words");
    Run second = run("verify", "two words");

    assertThat(first.exit).isEqualTo(7);
    assertThat(first.output).contains("java 26: verify,two words,");
    assertThat(second.output).contains("java 26: verify,two words,").doesNotContain("building");
    assertThat(Files.readAllLines(machine.resolve("builds"))).hasSize(1);
  }

  @Test
  void newerSource_isBuiltAgain() throws Exception {
    jdk("jvm/java-25", "25.0.1");
    maven(
        "mkdir -p distribution/target; echo built >> ../builds; echo jar >"
            + " distribution/target/entrepot.jar");

    run();
    TimeUnit.MILLISECONDS.sleep(20);
    Files.writeString(tree.resolve("cli/src/main/New.java"), "class New {}");
    run();

    assertThat(Files.readAllLines(machine.resolve("builds"))).hasSize(2);
  }

  @Test
  void failedBuild_showsMavensOutput_andIsTriedAgain() throws Exception {
    jdk("jvm/java-25", "25.0.1");
    maven("echo built >> ../builds; echo 'cannot find symbol'; exit 1");

    Run run = run();
    run();

    assertThat(run.exit).isEqualTo(2);
    assertThat(run.output).contains("cannot find symbol").contains("the build failed");
    assertThat(Files.readAllLines(machine.resolve("builds"))).hasSize(2);
  }

  @Test
  void twoFirstRunsAtOnce_buildOnce() throws Exception {
    jdk("jvm/java-25", "25.0.1");
    maven(
        "sleep 0.5; mkdir -p distribution/target; echo built >> ../builds; echo jar >"
            + " distribution/target/entrepot.jar");

    Process one = start(Map.of(), "one");
    Process two = start(Map.of(), "two");

    assertThat(finish(one).output).contains("java 25: one,");
    assertThat(finish(two).output).contains("java 25: two,");
    assertThat(Files.readAllLines(machine.resolve("builds"))).hasSize(1);
  }

  @Test
  void environmentNamesTheJava_beforeTheStandardFolders() throws Exception {
    jdk("jvm/java-25", "25.0.1");
    Path chosen = jdk("elsewhere/java-27", "27");
    maven("mkdir -p distribution/target; echo jar > distribution/target/entrepot.jar");

    Run run = finish(start(Map.of("ENTREPOT_JAVA", chosen.toString()), "tags"));

    assertThat(run.output).contains("java 27: tags,");
  }

  @Test
  void commandsOfOneKind_getItsOptions_asTheDistributionHasThem() throws Exception {
    jdk("jvm/java-25", "25.0.1");
    maven("mkdir -p distribution/target; echo jar > distribution/target/entrepot.jar");

    assertThat(run("--version").output).contains("given @common.options @pin.options -jar");
    assertThat(run("check").output).contains("given @common.options @pin.options -jar");
    assertThat(run("serve").output).contains("given @common.options @serve.options -jar");
    assertThat(run("copy").output).contains("given @common.options @mirror.options -jar");
    assertThat(Files.readString(tree.resolve(LAUNCHER + "/launcher.sh")))
        .contains("kind_of \"${1:-}\"")
        .contains("@$home/app/common.options")
        .contains("@$home/app/$kind.options");
  }

  private record Run(int exit, String output) {}

  private Run run(String... arguments) throws Exception {
    return finish(start(Map.of(), arguments));
  }

  private Process start(Map<String, String> environment, String... arguments) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(tree.resolve("entrepot").toString());
    builder.command().addAll(List.of(arguments));
    builder.environment().clear();
    builder.environment().put("PATH", path.toString());
    builder.environment().put("ENTREPOT_JAVA_FOLDERS", machine.resolve("jvm") + "/*");
    builder.environment().putAll(environment);
    return builder.redirectErrorStream(true).start();
  }

  private static Run finish(Process process) throws Exception {
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.waitFor(), output);
  }

  /** A home of Java whose {@code java} prints the arguments after the jar and exits with 7. */
  private Path jdk(String home, String version) throws IOException {
    Path directory = machine.resolve(home);
    Files.createDirectories(directory.resolve("bin"));
    Files.writeString(directory.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    script(
        directory.resolve("bin/java"),
        """
        given=
        while [ "$1" != -jar ]; do
          case $1 in @*) given="$given @${1##*/}" ;; esac
          shift
        done
        echo "given$given -jar"
        shift 2
        echo "java %s: $(printf '%%s,' "$@")"
        exit 7
        """
            .formatted(version.replaceAll("\\..*", "")));
    script(directory.resolve("bin/javac"), "exit 0");
    return directory;
  }

  private void maven(String commands) throws IOException {
    script(path.resolve("mvn"), commands);
  }

  private static void script(Path file, String commands) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + commands + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static Path launcher() {
    // Surefire runs a module's tests in the module's directory.
    return Path.of("..", "entrepot").toAbsolutePath();
  }

  private static Path onThisMachine(String tool) {
    for (String directory : System.getenv("PATH").split(":", -1)) {
      Path program = Path.of(directory, tool);
      if (Files.isExecutable(program)) {
        return program;
      }
    }
    throw new AssertionError("no " + tool + " on this machine");
  }
}
