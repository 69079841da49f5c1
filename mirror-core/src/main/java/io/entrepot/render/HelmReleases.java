package io.entrepot.render;

import io.entrepot.render.ChartDependencies.Copy;
import io.entrepot.render.ChartDependencies.Dependency;
import io.entrepot.render.RenderEntry.Helm;
import io.entrepot.render.Rendering.Failure;
import io.entrepot.render.Rendering.Unrendered;
import io.entrepot.render.ToolRun.ToolException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Renders charts. */
final class HelmReleases {

  private static final Pattern SOURCE = Pattern.compile("(?m)^# Source: ([^\\r\\n]+)$");

  private final Sources sources;
  private final HelmTemplate template;
  private final PostRendering postRendering;
  private final ChartDependencies dependencies;
  private final HelmErrors errors;
  private final boolean online;

  HelmReleases(
      Sources sources, HelmTemplate template, PostRendering postRendering, boolean online) {
    this.sources = sources;
    this.template = template;
    this.postRendering = postRendering;
    this.dependencies = new ChartDependencies(sources);
    this.errors = new HelmErrors(sources);
    this.online = online;
  }

  Outcome render(Assignment work, Helm helm) throws IOException {
    Outcome outcome = new Outcome();
    Helm release = readable(work, helm, outcome);
    if (release == null) {
      return outcome;
    }
    List<Dependency> missing =
        release.isLocal() && !sources.isFile(release.chart())
            ? dependencies.missing(release.chart())
            : List.of();
    if (!online && isUnfetched(work, helm, missing, outcome)) {
      return outcome;
    }
    Path scratch = Files.createTempDirectory("entrepot-chart");
    try {
      Copy copy = missing.isEmpty() ? null : dependencies.copy(release.chart(), missing, scratch);
      if (copy != null && !fetch(missing, copy, work, outcome)) {
        return outcome;
      }
      ToolRun run = template.run(copy == null ? release : release.of(copy.chart()), false);
      read(work, release, copy, run, outcome);
    } catch (ToolException e) {
      outcome.fail(work, e, "tools.helm in check.yaml, or install helm");
    } finally {
      Scratch.remove(scratch);
    }
    return outcome;
  }

  /** The release with the values files that are there; null where it cannot be rendered. */
  private @Nullable Helm readable(Assignment work, Helm helm, Outcome outcome) throws IOException {
    if (!helm.isLocal() && !online) {
      outcome.unrendered.add(
          unrendered(
              work,
              helm,
              "it needs the chart %s%s, which is not in the tree; vendor it below the tree, or let it be fetched with --online"
                  .formatted(
                      helm.chart(), helm.repository() == null ? "" : " of " + helm.repository())));
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
      boolean address = file.startsWith("https://") || file.startsWith("http://");
      if (address && !online) {
        outcome.unrendered.add(
            unrendered(
                work,
                helm,
                "it needs the values file %s, which is not in the tree; vendor it below the tree, or let it be fetched with --online"
                    .formatted(file)));
        return null;
      }
      List<String> matching = file.indexOf('*') < 0 ? List.of() : sources.matching(file);
      if (address || sources.isFile(file)) {
        values.add(file);
      } else if (!matching.isEmpty()) {
        // Argo CD takes patterns, and lays the files over one another in the order of their names.
        values.addAll(matching);
      } else if (!helm.ignoreMissingValues()) {
        outcome.fail(
            work,
            "the values file %s does not exist".formatted(file),
            "create it, or take it out of the entry");
      }
    }
    return outcome.failures.isEmpty() ? helm.withValues(values) : null;
  }

  /** Whether a chart needs others that would have to be fetched; each is named. */
  private static boolean isUnfetched(
      Assignment work, Helm helm, List<Dependency> missing, Outcome outcome) {
    for (Dependency dependency : missing) {
      if (dependency.isRemote()) {
        outcome.unrendered.add(
            unrendered(
                work,
                helm,
                "it needs %s, which is not vendored; helm dependency build puts it into charts/, and --online lets it be fetched"
                    .formatted(dependency)));
      }
    }
    return missing.stream().anyMatch(Dependency::isRemote);
  }

  private static Unrendered unrendered(Assignment work, Helm helm, String why) {
    return new Unrendered(
        work.target(), helm.name(), helm.position(), why, Rendering.Cause.FOREIGN);
  }

  /** Fetches what is to be fetched into the copy; false where one of them cannot be. */
  private boolean fetch(List<Dependency> missing, Copy copy, Assignment work, Outcome outcome)
      throws ToolException {
    for (Dependency dependency : missing) {
      if (dependency.isRemote() && dependency.repository() != null) {
        ToolRun run =
            template.pull(
                dependency.name(),
                dependency.repository(),
                dependency.version(),
                copy.chart().resolve("charts"));
        if (run.status() != 0) {
          outcome.fail(
              work,
              "%s cannot be fetched: %s".formatted(dependency, run.errors()),
              "correct name, version or address, or vendor it: helm dependency build");
          return false;
        }
      }
    }
    return true;
  }

  private void read(Assignment work, Helm helm, @Nullable Copy copy, ToolRun run, Outcome outcome)
      throws ToolException, IOException {
    List<String> searched = valuesFiles(helm);
    if (run.status() != 0) {
      String said =
          copy == null ? run.errors() : run.errors().replace(copy.chart().toString(), helm.chart());
      if (ToolRunner.isStoppedFetch(said)) {
        outcome.unrendered.add(unrendered(work, helm, ToolRunner.stoppedFetch(said)));
        return;
      }
      outcome.failures.add(errors.failure(work, helm, searched, said));
      return;
    }
    Outcome printed = new Outcome();
    for (String document : ManifestReader.documents(run.output())) {
      Matcher source = SOURCE.matcher(document);
      String file = source.find() ? templateFile(helm, copy, source.group(1).strip()) : null;
      ManifestReader.read(document, origin(work, helm, file, searched), helm.namespace(), printed);
    }
    if (helm.options().overlays().isEmpty() || printed.objects.isEmpty()) {
      outcome.add(printed);
      return;
    }
    ToolRun laid = postRendering.lay(helm.options().overlays(), run.output());
    if (laid.status() != 0) {
      outcome.failures.add(
          Failure.of(
              work.target(),
              helm.position(),
              "%s: its postRenderers do not build: %s".formatted(helm.name(), laid.errors()),
              "correct the patches and images of spec.postRenderers"));
      return;
    }
    Map<String, String> files = new HashMap<>();
    for (KubernetesObject object : printed.objects) {
      String file = object.origin().file();
      if (file != null) {
        files.put(object.kind() + "/" + object.name(), file);
      }
    }
    Outcome all = new Outcome();
    for (String document : ManifestReader.documents(laid.output())) {
      ManifestReader.read(document, origin(work, helm, null, searched), helm.namespace(), all);
    }
    for (KubernetesObject object : all.objects) {
      String file = files.get(object.kind() + "/" + object.name());
      outcome.objects.add(object.from(origin(work, helm, file, searched)));
    }
    all.objects.clear();
    outcome.add(all);
  }

  private static Origin origin(
      Assignment work, Helm helm, @Nullable String file, List<String> searched) {
    return new Origin(
        work.target(),
        work.cluster(),
        helm,
        "%s %s %s".formatted(helm.name(), helm.namespace(), helm.position()),
        file,
        false,
        searched);
  }

  /** The files in which a release's values stand, the strongest first. */
  private static List<String> valuesFiles(Helm helm) {
    List<String> files = new ArrayList<>();
    if (helm.inline() != null
        || helm.options().hasValues()
        || !helm.options().overlays().isEmpty()) {
      files.add(helm.position().file());
    }
    files.addAll(helm.values().reversed());
    if (helm.isLocal()) {
      files.add(helm.chart() + "/values.yaml");
    }
    return files;
  }

  /** {@code dashboard/charts/redis/templates/x.yaml} in the tree, if it is there. */
  private @Nullable String templateFile(Helm helm, @Nullable Copy copy, String source) {
    int slash = source.indexOf('/');
    if (!helm.isLocal() || slash < 0) {
      return null;
    }
    String below = source.substring(slash);
    String file = helm.chart() + below;
    for (Map.Entry<String, String> origin :
        copy == null ? List.<Map.Entry<String, String>>of() : copy.origins().entrySet()) {
      if (below.startsWith(origin.getKey() + "/")) {
        file = origin.getValue() + below.substring(origin.getKey().length());
      }
    }
    if (sources.isFile(file)) {
      return file;
    }
    // The template of a packed dependency is in no file of its own.
    return sources.isFile(helm.chart()) ? helm.chart() : helm.chart() + "/Chart.yaml";
  }
}
