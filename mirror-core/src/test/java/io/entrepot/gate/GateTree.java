package io.entrepot.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.config.SpecLoader;
import io.entrepot.gate.rules.AllRules;
import io.entrepot.registry.RegistryClient;
import io.entrepot.render.RenderTools;
import io.entrepot.render.TestTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A small tree of files that is checked. */
public final class GateTree {

  public static final String DIGEST = "sha256:" + "a".repeat(64);
  public static final String OTHER = "sha256:" + "b".repeat(64);

  private final Path root;
  private final Path cache;

  public GateTree(Path directory) {
    this.root = directory.resolve("tree");
    this.cache = directory.resolve("cache");
  }

  public Path root() {
    return root;
  }

  public GateTree file(String path, String text) {
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
  public GateReport offline(String check) {
    return run(check, options(true, null));
  }

  /** The same, by helm and kustomize wherever they are; skipped, and said, where one is missing. */
  public GateReport rendered(String check) {
    RenderTools tools = TestTree.tools();
    return offline(
        check
            + "tools: { helm: \"%s\", kustomize: \"%s\" }\n"
                .formatted(tools.helm(), tools.kustomize()));
  }

  public GateReport since(String revision, String check) {
    return run(check, options(true, revision));
  }

  public GateReport online(String check, RegistryClient client) {
    return new Gate(AllRules.JUDGEMENTS, () -> client).check(spec(check), options(false, null));
  }

  public GateReport paths(CheckSpec spec, Path... paths) {
    GateOptions options = new GateOptions(root, List.of(paths), true, false, null, cache);
    return new Gate(AllRules.JUDGEMENTS, GateTree::nobody).check(spec, options);
  }

  public GateReport run(String check, GateOptions options) {
    return new Gate(AllRules.JUDGEMENTS, GateTree::nobody).check(spec(check), options);
  }

  public GateReport run(String check, GateOptions options, RegistryClient client) {
    return new Gate(AllRules.JUDGEMENTS, () -> client).check(spec(check), options);
  }

  public CheckSpec spec(String check) {
    file("check.yaml", check);
    return CheckSpecReader.load(
        new SpecLoader(name -> null), root.resolve("check.yaml"), AllRules.RULES);
  }

  public GateOptions options(boolean offline, @Nullable String base) {
    return new GateOptions(root, List.of(), offline, false, base, cache);
  }

  private static RegistryClient nobody() {
    throw new AssertionError("no registry may be asked");
  }

  public static List<Finding> of(GateReport report, String rule) {
    return report.findings().stream().filter(finding -> finding.rule().id().equals(rule)).toList();
  }

  public static List<Waived> waived(GateReport report, String rule) {
    return report.waived().stream()
        .filter(each -> each.finding().rule().id().equals(rule))
        .toList();
  }

  /** Runs git in the tree. */
  public void git(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "git",
                "-c",
                "user.name=t",
                "-c",
                "user.email=t@example.org",
                "-c",
                "init.defaultBranch=main"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).directory(root.toFile()).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  /** Makes the tree a repository with one commit on main. */
  public void commit(String check) throws Exception {
    file("check.yaml", check);
    git("init", "-q");
    git("add", "-A");
    git("commit", "-q", "-m", "base");
  }
}
