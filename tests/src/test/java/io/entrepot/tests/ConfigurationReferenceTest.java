package io.entrepot.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code docs/configuration.md} is what the schemas in {@code config/} say. {@code ./format}, which
 * sets {@code format.write}, writes it instead of complaining.
 */
class ConfigurationReferenceTest {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path REFERENCE = ROOT.resolve("docs/configuration.md");

  private static final String HEAD =
      """
      # Configuration

      Every key of every file, made from the JSON Schemas in [config/](../config) by `./format`: change a schema, not this page.
      Name the schema in the first line of a file, and the editor completes and checks it:
      `# yaml-language-server: $schema=…/config/mirror.schema.json`.

      All files are YAML and are read strictly: an unknown key, or one that is there twice, is an error that names file and line
      (exit code 2). Every value may take an environment variable: `${NAME}`, or `${NAME:-default}`; a variable that is not set and has no default is an
      error. Paths are relative to the file they stand in. In the keys below `[]` is an item of a list, and `NAME` is a
      name of your own.
      """;

  @Test
  void reference_saysWhatTheSchemasSay() throws IOException {
    StringBuilder page = new StringBuilder(HEAD);
    for (String kind : List.of("mirror", "proxy", "pin", "check", "policy")) {
      Path schema = ROOT.resolve("config/" + kind + ".schema.json");
      page.append('\n')
          .append(ConfigurationReference.of(JsonMapper.shared().readTree(Files.readString(schema))))
          .append("\nExample: [config/%1$s.yaml](../config/%1$s.yaml).\n".formatted(kind));
    }
    if (Boolean.getBoolean("format.write")) {
      Files.writeString(REFERENCE, page);
    }
    assertThat(Files.readString(REFERENCE))
        .as("not what the schemas say; run ./format")
        .isEqualTo(page.toString());
  }
}
