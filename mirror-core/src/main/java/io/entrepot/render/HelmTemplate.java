package io.entrepot.render;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.render.RenderEntry.Helm;
import io.entrepot.render.ToolRun.ToolException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs {@code helm template}; nothing else in the program runs helm. Safe for many threads. */
public final class HelmTemplate {

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

  private List<String> command(Helm helm, boolean tests, Path inline) {
    List<String> command =
        new ArrayList<>(
            List.of(program, "template", helm.release(), helm.chart(), "--include-crds"));
    if (!tests) {
      command.add("--skip-tests");
    }
    if (helm.namespace() != null) {
      command.addAll(List.of("--namespace", helm.namespace()));
    }
    if (helm.repository() != null) {
      command.addAll(List.of("--repo", helm.repository()));
    }
    if (helm.version() != null && !helm.isLocal()) {
      command.addAll(List.of("--version", helm.version()));
    }
    helm.values().forEach(file -> command.addAll(List.of("--values", file)));
    if (helm.inline() != null) {
      command.addAll(List.of("--values", inline.toString()));
    }
    helm.parameters().forEach((key, value) -> command.addAll(List.of("--set", key + "=" + value)));
    return command;
  }
}
