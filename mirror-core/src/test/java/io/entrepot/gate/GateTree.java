package io.entrepot.gate;

import io.entrepot.config.SpecLoader;
import io.entrepot.registry.RegistryClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A small tree of files that is checked. */
final class GateTree {

  static final String DIGEST = "sha256:" + "a".repeat(64);
  static final String OTHER = "sha256:" + "b".repeat(64);

  private final Path root;
  private final Path cache;

  GateTree(Path directory) {
    this.root = directory.resolve("tree");
    this.cache = directory.resolve("cache");
  }

  Path root() {
    return root;
  }

  GateTree file(String path, String text) {
    try {
      Path file = root.resolve(path);
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The check of what {@code check.yaml} says, no registry asked. */
  GateReport offline(String check) {
    return run(check, options(true, null));
  }

  GateReport since(String revision, String check) {
    return run(check, options(true, revision));
  }

  GateReport online(String check, RegistryClient client) {
    return new Gate(() -> client).check(spec(check), options(false, null));
  }

  GateReport paths(CheckSpec spec, Path... paths) {
    GateOptions options = new GateOptions(root, List.of(paths), true, false, null, cache);
    return new Gate(GateTree::nobody).check(spec, options);
  }

  GateReport run(String check, GateOptions options) {
    return new Gate(GateTree::nobody).check(spec(check), options);
  }

  CheckSpec spec(String check) {
    file("check.yaml", check);
    return new SpecLoader(name -> null).loadCheck(root.resolve("check.yaml"));
  }

  GateOptions options(boolean offline, @Nullable String base) {
    return new GateOptions(root, List.of(), offline, false, base, cache);
  }

  private static RegistryClient nobody() {
    throw new AssertionError("no registry may be asked");
  }

  static List<Finding> of(GateReport report, Rule rule) {
    return report.findings().stream().filter(finding -> finding.rule() == rule).toList();
  }

  static List<Waived> waived(GateReport report, Rule rule) {
    return report.waived().stream().filter(each -> each.finding().rule() == rule).toList();
  }
}
