package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.gate.CheckSpecReader;
import io.entrepot.gate.rules.AllRules;
import io.entrepot.mirror.MirrorSpecReader;
import io.entrepot.pin.PinRulesReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Passwords in files of ours. */
@DisabledOnOs(OS.WINDOWS)
class SecretsTest {

  private static final String WRITTEN_OUT =
      """
      registries:
        quay.io:
          credentials:
            username: ann
            password: hunter2
      """;

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  private final List<String> warnings = new ArrayList<>();

  private Path file(String text, String permissions) throws IOException {
    Path file = Files.writeString(directory.resolve("any.yaml"), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  private SpecLoader loader() {
    return new SpecLoader(Map.of("PASSWORD", "hunter2")::get, warnings::add);
  }

  @Test
  void passwordInAFileThatEverybodyMayRead_isWarnedOf_byEveryKindOfFile() throws IOException {
    Path file = file(WRITTEN_OUT, "rw-r--r--");
    assertThat(PinRulesReader.load(loader(), file).registries()).hasSize(1);
    Files.writeString(file, WRITTEN_OUT + "target: r.example/m\nimages: [quay.io/a/b:1]\n");
    assertThat(MirrorSpecReader.load(loader(), file).registries()).hasSize(1);
    Files.writeString(file, WRITTEN_OUT + "targets: { a: { platforms: [linux/amd64] } }\n");
    assertThat(CheckSpecReader.load(loader(), file, AllRules.RULES).registries()).hasSize(1);
    assertThat(warnings)
        .hasSize(3)
        .allSatisfy(
            warning ->
                assertThat(warning)
                    .contains(file.toString(), "line 5", "${NAME}", "chmod o-r")
                    .doesNotContain("hunter2"));
  }

  @Test
  void passwordInAFileOfOnesOwn_isNoWarning() throws IOException {
    assertThat(PinRulesReader.load(loader(), file(WRITTEN_OUT, "rw-r-----")).registries())
        .hasSize(1);
    assertThat(warnings).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"${PASSWORD}", "${ABSENT:-}", "''"})
  void passwordFromTheEnvironment_isNoWarning(String password) throws IOException {
    String user = password.equals("${PASSWORD}") ? "ann" : "''";
    String text = WRITTEN_OUT.replace("ann", user).replace("hunter2", "\"" + password + "\"");
    text = text.replace("\"''\"", "''");
    assertThat(PinRulesReader.load(loader(), file(text, "rw-r--r--")).registries()).hasSize(1);
    assertThat(warnings).isEmpty();
  }

  @Test
  void filesThatAreShipped_holdNoCredentials() throws IOException {
    List<Path> shipped;
    try (Stream<Path> config = Files.walk(Path.of("../config"));
        Stream<Path> deploy = Files.walk(Path.of("../deploy"))) {
      shipped = Stream.concat(config, deploy).filter(Files::isRegularFile).toList();
    }
    assertThat(shipped).hasSizeGreaterThan(20);
    for (Path each : shipped) {
      // A hash of bcrypt, a pair in base64 as docker keeps it, or a password written out.
      assertThat(text(each))
          .as(each.toString())
          .doesNotContainPattern("\\$2[aby]\\$\\d\\d\\$")
          .doesNotContainPattern("\"auth\"\\s*:\\s*\"[A-Za-z0-9+/=]{4,}\"")
          .doesNotContainPattern("(?m)\\bpassword: *(?!\\$\\{)['\"]?[A-Za-z0-9]");
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
