package io.entrepot.render;

import io.entrepot.render.RenderEntry.Helm;
import io.entrepot.render.Rendering.Unrendered;
import io.entrepot.render.ToolRun.ToolException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Renders charts. */
final class HelmReleases {

  private static final Pattern SOURCE = Pattern.compile("(?m)^# Source: ([^\\r\\n]+)$");

  private final Sources sources;
  private final HelmTemplate template;
  private final HelmErrors errors;
  private final boolean online;

  HelmReleases(Sources sources, HelmTemplate template, boolean online) {
    this.sources = sources;
    this.template = template;
    this.errors = new HelmErrors(sources);
    this.online = online;
  }

  Outcome render(Assignment work, Helm helm) throws IOException {
    Outcome outcome = new Outcome();
    Helm release = readable(work, helm, outcome);
    if (release == null) {
      return outcome;
    }
    ToolRun run;
    try {
      run = template.run(release, false);
    } catch (ToolException e) {
      outcome.fail(work, e, "tools.helm in check.yaml, or install helm");
      return outcome;
    }
    List<String> searched = valuesFiles(release);
    if (run.status() != 0) {
      outcome.failures.add(errors.failure(work, helm, searched, run.errors()));
      return outcome;
    }
    for (String document : ManifestReader.documents(run.output())) {
      Matcher source = SOURCE.matcher(document);
      Origin origin =
          new Origin(
              work.target(),
              work.cluster(),
              helm,
              "%s %s %s".formatted(helm.name(), helm.namespace(), helm.position()),
              source.find() ? templateFile(helm, source.group(1).strip()) : null,
              false,
              searched);
      ManifestReader.read(document, origin, helm.namespace(), outcome);
    }
    return outcome;
  }

  /** The release with the values files that are there; null where it cannot be rendered. */
  private @Nullable Helm readable(Assignment work, Helm helm, Outcome outcome) {
    if (!helm.isLocal() && !online) {
      outcome.unrendered.add(
          new Unrendered(
              work.target(),
              helm.name(),
              helm.position(),
              "its chart is not in the tree; vendor it below the tree, or let it be fetched with"
                  + " --online"));
      return null;
    }
    if (helm.isLocal()
        && !sources.isFile(helm.chart() + "/Chart.yaml")
        && !sources.isFile(helm.chart())) {
      outcome.fail(
          work,
          "the chart %s does not exist in the tree".formatted(helm.chart()),
          "correct the path, or put the chart into the tree");
      return null;
    }
    List<String> values = new ArrayList<>();
    for (String file : helm.values()) {
      if (sources.isFile(file)) {
        values.add(file);
      } else if (!helm.ignoreMissingValues()) {
        outcome.fail(
            work,
            "the values file %s does not exist".formatted(file),
            "create it, or take it out of the entry");
      }
    }
    return outcome.failures.isEmpty() ? helm.withValues(values) : null;
  }

  /** The files in which a release's values stand, the strongest first. */
  private static List<String> valuesFiles(Helm helm) {
    List<String> files = new ArrayList<>();
    if (helm.inline() != null || !helm.parameters().isEmpty()) {
      files.add(helm.position().file());
    }
    files.addAll(helm.values().reversed());
    if (helm.isLocal()) {
      files.add(helm.chart() + "/values.yaml");
    }
    return files;
  }

  /** {@code dashboard/charts/redis/templates/x.yaml} in the chart's directory, if it is there. */
  private @Nullable String templateFile(Helm helm, String source) {
    int slash = source.indexOf('/');
    if (!helm.isLocal() || slash < 0) {
      return null;
    }
    String file = helm.chart() + source.substring(slash);
    if (sources.isFile(file)) {
      return file;
    }
    // The template of a packed dependency is in no file of its own.
    return sources.isFile(helm.chart()) ? helm.chart() : helm.chart() + "/Chart.yaml";
  }
}
