package io.entrepot.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands as they are typed. */
final class PinCommandTest {

  private static final String DIGEST = "sha256:" + "c".repeat(64);
  private static final String LOCK =
      """
      version: 1
      images:
        docker.io/acme/app:1.2:
          digest: %s
          target: ghcr.io/acme/mirror/app:1.2
          platforms: [linux/amd64, linux/arm64]
      """
          .formatted(DIGEST);

  private static Run run(Path directory, String... arguments) {
    return Run.in(directory, Map.of(), arguments);
  }

  private static Path tree(Path directory) throws IOException {
    Files.writeString(directory.resolve("images.lock.yaml"), LOCK);
    Files.writeString(directory.resolve("a.yaml"), "image: acme/app:1.2 # c\n");
    return directory;
  }

  private static Run pin(Path tree, String... more) {
    String[] arguments = new String[more.length + 2];
    arguments[0] = "pin";
    arguments[1] = ".";
    System.arraycopy(more, 0, arguments, 2, more.length);
    return run(tree, arguments);
  }

  @Test
  void check_saysThreeThenZero(@TempDir Path directory) throws IOException {
    Path tree = tree(directory);
    assertThat(pin(tree, "--check").code()).isEqualTo(3);
    assertThat(tree.resolve("a.yaml")).hasContent("image: acme/app:1.2 # c\n");
    Run pinned = pin(tree);
    assertThat(pinned.code()).isZero();
    assertThat(pinned.out()).contains("acme/app:1.2 → ghcr.io/acme/mirror/app:1.2@" + DIGEST);
    assertThat(tree.resolve("a.yaml"))
        .hasContent("image: ghcr.io/acme/mirror/app:1.2@%s # c\n".formatted(DIGEST));
    assertThat(pin(tree, "--check").code()).isZero();
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void passwordInAFileThatEverybodyMayRead_isWarnedOfAndNeverPrinted(@TempDir Path directory)
      throws IOException {
    Path tree = tree(directory);
    Path rules =
        Files.writeString(
            tree.resolve("pin.yaml"),
            "registries: { quay.io: { credentials: { username: ann, password: hunter2 } } }\n");
    Files.setPosixFilePermissions(rules, PosixFilePermissions.fromString("rw-r--r--"));
    Run run = pin(tree, "--verbose");
    assertThat(run.code()).isZero();
    assertThat(run.err()).contains("warning: ", "pin.yaml holds a password (line 1, ");
    assertThat(run.out() + run.err()).doesNotContain("hunter2");
  }

  @Test
  void diff_isPrintedAndNothingWritten(@TempDir Path directory) throws IOException {
    Path tree = tree(directory);
    Run run = pin(tree, "--diff");
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains("-image: acme/app:1.2 # c\n+image: ghcr.io/acme/mirror/app:1.2@" + DIGEST);
    assertThat(tree.resolve("a.yaml")).hasContent("image: acme/app:1.2 # c\n");
  }

  @Test
  void json_hasTheShapeOfTheContract(@TempDir Path directory) throws IOException {
    Path tree = tree(directory);
    Files.writeString(tree.resolve("b.yaml"), "x:\n  image: redis:7\n");
    Run run = pin(tree, "--output", "json");
    assertThat(run.code()).isEqualTo(1);
    JsonNode report = JsonMapper.builder().build().readTree(run.out());
    JsonNode edit = report.get("edits").get(0);
    assertThat(edit.get("file").asString()).endsWith("a.yaml");
    assertThat(edit.get("line").asInt()).isEqualTo(1);
    assertThat(edit.get("path").asString()).isEqualTo("image");
    assertThat(edit.get("image").asString()).isEqualTo("docker.io/acme/app:1.2");
    assertThat(edit.get("old").asString()).isEqualTo("acme/app:1.2");
    assertThat(edit.get("new").asString()).isEqualTo("ghcr.io/acme/mirror/app:1.2@" + DIGEST);
    JsonNode left = report.get("left").get(0);
    assertThat(left.get("line").asInt()).isEqualTo(2);
    assertThat(left.get("image").asString()).isEqualTo("docker.io/library/redis:7");
    assertThat(left.get("reason").asString()).contains("the lock does not hold");
    assertThat(pin(tree, "--allow-unlocked").code()).isZero();
  }

  @Test
  void firstPartyImages_areInformation_copiesOfTheMirrorAreNot(@TempDir Path directory)
      throws IOException {
    Path tree = tree(directory);
    Files.writeString(tree.resolve("b.yaml"), "image: ghcr.io/acme/web:main\n");
    assertThat(pin(tree, "--check", "--allow-unlocked").code()).isEqualTo(3);
    assertThat(pin(tree).code()).isEqualTo(1);
    Files.writeString(tree.resolve("check.yaml"), "targets: {}\nfirstParty: [ghcr.io/acme]\n");
    Run run = pin(tree, "--output", "json");
    assertThat(run.code()).isZero();
    JsonNode left = JsonMapper.builder().build().readTree(run.out()).get("left").get(0);
    assertThat(left.get("kind").asString()).isEqualTo("first-party");
    assertThat(left.get("needsAttention").asBoolean()).isFalse();
    Files.writeString(tree.resolve("pin.yaml"), "firstParty: [quay.io/other]\n");
    assertThat(pin(tree).code()).isEqualTo(1);
    Files.delete(tree.resolve("pin.yaml"));
    Files.writeString(tree.resolve("b.yaml"), "image: ghcr.io/acme/mirror/app:9\n");
    assertThat(pin(tree).code()).isEqualTo(1);
  }

  @Test
  void fileThatCannotBeReadAndIsNoTemplate_needsSomebody(@TempDir Path directory)
      throws IOException {
    Path tree = tree(directory);
    assertThat(pin(tree).code()).isZero();
    Path broken = Files.writeString(tree.resolve("broken.yaml"), "a: [1\nimage: {{ .x }}\n");
    for (String option : new String[] {"--check", "--quiet"}) {
      Run run = pin(tree, option);
      assertThat(run.code()).isEqualTo(1);
    }
    JsonNode left =
        JsonMapper.builder()
            .build()
            .readTree(pin(tree, "--output", "json").out())
            .get("left")
            .get(0);
    assertThat(left.get("file").asString()).endsWith("broken.yaml");
    assertThat(left.get("line").asInt()).isPositive();
    assertThat(left.get("needsAttention").asBoolean()).isTrue();
    Files.createDirectories(tree.resolve("app/templates"));
    Files.move(broken, tree.resolve("app/templates/broken.yaml"));
    assertThat(pin(tree).code()).isZero();
  }

  @Test
  void noRender_saysThatNothingIsProved(@TempDir Path directory) throws IOException {
    JsonNode report =
        JsonMapper.builder()
            .build()
            .readTree(pin(tree(directory), "--no-render", "--output", "json").out());
    assertThat(report.get("proved")).isEmpty();
    assertThat(report.get("unproved").get(0).get("reason").asString()).contains("--no-render");
  }

  @Test
  void markdown_isATable(@TempDir Path directory) throws IOException {
    assertThat(pin(tree(directory), "--check", "--output", "markdown").out())
        .contains("| file | line | old | new |", "`acme/app:1.2`", "Would change 1 site in 1 file");
  }

  @Test
  void markdown_ofWhatWasWritten_saysSo(@TempDir Path directory) throws IOException {
    assertThat(pin(tree(directory), "--output", "markdown").out())
        .contains("Changed 1 site in 1 file");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pin|pin needs a file or directory",
        "pin missing|no such file or directory:",
        "pin . --lock none.yaml|none.yaml; entrepot mirror writes it",
        "pin . --output xml|not an output format: 'xml' (text, json or markdown)",
        "pin . --explain a.yaml|--explain takes FILE:LINE",
        "pin . -c none.yaml|none.yaml",
        "pin . -c p.yaml|floatingTags",
        "pin . --chekc|--chekc",
        "bump . --match a|--channel=TAG",
        "bump . --match a --channel a/b|a/b",
        "bump . --match a --channel main --platform amd64|not a platform",
        "promote .|Missing required parameter: 'TO'",
        "promote . nowhere|not a directory:",
      })
  void wrongCommandLine_isSaidOnStandardErrorAndExitsTwo(
      String line, String expected, @TempDir Path directory) throws IOException {
    Path tree = tree(directory);
    Files.writeString(tree.resolve("p.yaml"), "flotingTags: [x]\n");
    Run run = run(tree, line.split(" ", -1));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).startsWith("error: ").contains(expected).doesNotContain("\tat ");
    assertThat(run.out()).isEmpty();
    assertThat(tree.resolve("a.yaml")).hasContent("image: acme/app:1.2 # c\n");
  }

  @Test
  void explain_namesTheSite(@TempDir Path directory) throws IOException {
    Path tree = tree(directory);
    Run run = pin(tree, "--explain", "a.yaml:1");
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("image is a site", "It becomes ghcr.io/acme/mirror/app:1.2@");
  }

  @Test
  void promote_takesTheDigestsOver(@TempDir Path directory) throws IOException {
    Path from = Files.createDirectory(directory.resolve("dev"));
    Path to = Files.createDirectory(directory.resolve("staging"));
    Files.writeString(from.resolve("v.yaml"), "image: ghcr.io/acme/a@%s\n".formatted(DIGEST));
    Files.writeString(to.resolve("v.yaml"), "image: ghcr.io/acme/a:main\n");
    assertThat(run(directory, "promote", "dev", "staging").code()).isZero();
    assertThat(to.resolve("v.yaml")).hasContent("image: ghcr.io/acme/a@%s\n".formatted(DIGEST));
  }
}
