package io.entrepot.render;

import io.entrepot.render.ToolRun.ToolException;
import java.util.ArrayList;
import java.util.List;

/** Runs {@code kustomize build}; nothing else in the program does. Safe for many threads. */
public final class KustomizeBuild {

  private final ToolRunner runner;
  private final RenderTools tools;

  /**
   * @param tools names kustomize, and helm for kustomizations with charts
   */
  public KustomizeBuild(ToolRunner runner, RenderTools tools) {
    this.runner = runner;
    this.tools = tools;
  }

  /**
   * What a kustomization becomes.
   *
   * @param directory relative to the runner's, or absolute
   * @param restricted whether files outside of the directory are refused, as kustomize does by
   *     itself
   * @param charts whether charts may be rendered
   * @return also where kustomize refuses: then {@code errors} says why
   * @throws ToolException if kustomize cannot be run, takes too long or prints too much
   */
  public ToolRun run(String directory, boolean restricted, boolean charts) throws ToolException {
    List<String> command = new ArrayList<>(List.of(tools.kustomize(), "build", directory));
    if (!restricted) {
      command.addAll(List.of("--load-restrictor", "LoadRestrictionsNone"));
    }
    if (charts) {
      command.addAll(List.of("--enable-helm", "--helm-command", tools.helm()));
    }
    ToolRun run = runner.run(command);
    return new ToolRun(run.status(), run.output(), runner.message(run.errors()));
  }
}
