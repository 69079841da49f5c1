package io.entrepot.config;

import io.entrepot.gate.CheckSpec;
import io.entrepot.yaml.ConfigException;
import io.entrepot.yaml.YamlDocument;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Loads configuration files; values take environment variables. */
public final class SpecLoader {

  private final Variables variables;

  /**
   * @param environment a variable's value, or null where it is not set
   */
  public SpecLoader(Function<String, @Nullable String> environment) {
    this.variables = new Variables(environment);
  }

  /** A loader that takes the variables of this process. */
  public static SpecLoader ofProcess() {
    return new SpecLoader(System::getenv);
  }

  /**
   * Loads a {@code mirror.yaml}.
   *
   * @throws ConfigException with everything that is wrong with it
   */
  public MirrorSettings loadMirror(Path file) {
    YamlDocument document = YamlDocument.read(file).replaceValues(variables::expand);
    Path parent = file.toAbsolutePath().getParent();
    return new MirrorSpecReader(document, parent == null ? file : parent).read();
  }

  /**
   * Loads a {@code pin.yaml}.
   *
   * @throws ConfigException with everything that is wrong with it
   */
  public PinSettings loadPin(Path file) {
    YamlDocument document = YamlDocument.read(file).replaceValues(variables::expand);
    Path parent = file.toAbsolutePath().getParent();
    return new PinRulesReader(document, parent == null ? file : parent).read();
  }

  /**
   * Loads a {@code check.yaml}.
   *
   * @throws ConfigException with everything that is wrong with it
   */
  public CheckSpec loadCheck(Path file) {
    YamlDocument document = YamlDocument.read(file).replaceValues(variables::expand);
    Path parent = file.toAbsolutePath().getParent();
    return new CheckSpecReader(document, parent == null ? file : parent).read();
  }

  /**
   * Loads a {@code proxy.yaml}.
   *
   * @throws ConfigException with everything that is wrong with it
   */
  public ProxySpec loadProxy(Path file) {
    YamlDocument document = YamlDocument.read(file).replaceValues(variables::expand);
    Path parent = file.toAbsolutePath().getParent();
    return new ProxySpecReader(document, parent == null ? file : parent).read();
  }
}
