package io.entrepot.render;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.render.RenderEntry.Helm;
import io.entrepot.render.ToolRun.ToolException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Runs {@code helm}; nothing else in the program does. Safe for many threads. */
public final class HelmTemplate {

  /** A comma that is not escaped. */
  private static final Pattern COMMA = Pattern.compile("(?<!\\\\),");

  private final ToolRunner runner;
  private final String program;

  /**
   * @param program helm's name on the path, or its path
   */
  public HelmTemplate(ToolRunner runner, String program) {
    this.runner = runner;
    this.program = program;
  }

  /**
   * What a chart prints for a release, its CRDs included.
   *
   * @param helm its paths are relative to the runner's directory, or absolute
   * @param tests whether the hooks of {@code helm test} are printed too
   * @return also where helm refuses: then {@code errors} says why
   * @throws ToolException if helm cannot be run, takes too long or prints too much
   */
  public ToolRun run(Helm helm, boolean tests) throws ToolException, IOException {
    Path scratch = Files.createTempDirectory("entrepot-helm");
    try {
      Path inline = scratch.resolve("values.yaml");
      if (helm.inline() != null) {
        Files.writeString(inline, helm.inline(), UTF_8);
      }
      ToolRun run = runner.run(command(helm, tests, inline));
      return new ToolRun(
          run.status(),
          run.output(),
          runner.message(run.errors().replace(inline.toString(), "the inline values")));
    } finally {
      Scratch.remove(scratch);
    }
  }

  /**
   * Fetches a packed chart.
   *
   * @param repository {@code https://…} or {@code oci://…}
   * @param version possibly a range; null for the newest
   * @param into a directory that is there
   */
  ToolRun pull(String chart, String repository, @Nullable String version, Path into)
      throws ToolException {
    List<String> command = new ArrayList<>(List.of(program, "pull"));
    if (repository.startsWith("oci://")) {
      command.add(repository + "/" + chart);
    } else {
      command.add(chart);
      add(command, "--repo", repository);
    }
    add(command, "--version", version);
    add(command, "--destination", into.toString());
    ToolRun run = runner.run(command);
    return new ToolRun(run.status(), run.output(), runner.message(run.errors()));
  }

  private List<String> command(Helm helm, boolean tests, Path inline) {
    HelmOptions options = helm.options();
    List<String> command =
        new ArrayList<>(List.of(program, "template", helm.release(), helm.chart()));
    if (options.crds()) {
      command.add("--include-crds");
    }
    if (!tests) {
      command.add("--skip-tests");
    }
    if (!options.schema()) {
      command.add("--skip-schema-validation");
    }
    add(command, "--namespace", helm.namespace());
    add(command, "--repo", helm.repository());
    add(command, "--version", helm.isLocal() ? null : helm.version());
    add(command, "--kube-version", options.kubeVersion());
    options.apiVersions().forEach(version -> add(command, "--api-versions", version));
    helm.values().forEach(file -> add(command, "--values", file));
    add(command, "--values", helm.inline() == null ? null : inline.toString());
    options.set().forEach((key, value) -> add(command, "--set", key + "=" + whole(value)));
    options
        .strings()
        .forEach((key, value) -> add(command, "--set-string", key + "=" + whole(value)));
    options.files().forEach((key, file) -> add(command, "--set-file", key + "=" + file));
    return command;
  }

  private static void add(List<String> command, String option, @Nullable String value) {
    if (value != null) {
      command.addAll(List.of(option, value));
    }
  }

  /** A value whose commas do not end it; a list in braces keeps those between its items. */
  private static String whole(String value) {
    return value.startsWith("{") && value.endsWith("}")
        ? value
        : COMMA.matcher(value).replaceAll("\\\\,");
  }
}
