package io.entrepot.config;

import io.entrepot.registry.auth.SecretFile;
import io.entrepot.yaml.ConfigException;
import io.entrepot.yaml.YamlDocument;
import java.nio.file.Path;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Loads configuration files; values take environment variables. */
public final class SpecLoader {

  private final Function<String, @Nullable String> environment;
  private final Variables variables;
  private final Consumer<String> warnings;
  private final Path directory;

  /** A loader whose warnings nobody waits for. */
  public SpecLoader(Function<String, @Nullable String> environment) {
    this(environment, warning -> {});
  }

  /**
   * @param environment a variable's value, or null where it is not set
   * @param warnings is told, in a sentence, of a file that everybody may read and that holds a
   *     password
   */
  public SpecLoader(Function<String, @Nullable String> environment, Consumer<String> warnings) {
    this(environment, warnings, Path.of(""));
  }

  private SpecLoader(
      Function<String, @Nullable String> environment, Consumer<String> warnings, Path directory) {
    this.directory = directory;
    this.environment = environment;
    this.variables = new Variables(environment);
    this.warnings = warnings;
  }

  /** A loader that finds files from a directory, and names them as they are given. */
  public SpecLoader in(Path start) {
    return new SpecLoader(environment, warnings, start);
  }

  /** A variable's value, or null where it is not set. */
  public Function<String, @Nullable String> environment() {
    return environment;
  }

  /**
   * Loads a file with the reader of whoever it is for.
   *
   * @param reader gets the document and the file's directory, from which relative paths are
   *     followed
   * @throws ConfigException with everything that is wrong with the file
   */
  public <T> T load(Path given, BiFunction<YamlDocument, Path, T> reader) {
    Path file = directory.resolve(given);
    YamlDocument document =
        YamlDocument.parse(given.toString(), YamlDocument.text(file))
            .replaceValues(variables::expand);
    Path parent = file.toAbsolutePath().getParent();
    T spec = reader.apply(document, parent == null ? file : parent);
    document
        .secretLine()
        .ifPresent(
            line ->
                SecretFile.warning(
                        file,
                        "a password (line %d, where ${NAME} would take it from the environment)"
                            .formatted(line))
                    .ifPresent(warnings));
    return spec;
  }
}
