package io.entrepot.testing;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The schemas in {@code config/} that editors use. */
public final class Schemas {

  private static final Path CONFIG = Path.of("../config");

  private Schemas() {}

  /**
   * What a schema finds wrong with a document.
   *
   * @param schema its file's name without {@code .schema.json}
   */
  public static List<Error> complaints(String schema, String yaml) {
    try {
      return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(Files.readString(CONFIG.resolve(schema + ".schema.json")), InputFormat.JSON)
          .validate(yaml, InputFormat.YAML);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
