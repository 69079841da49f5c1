package io.entrepot.render;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.concurrent.Parallel;
import io.entrepot.render.RenderEntry.Helm;
import io.entrepot.render.RenderEntry.Kustomize;
import io.entrepot.render.RenderEntry.Manifests;
import io.entrepot.render.Rendering.Failure;
import io.entrepot.render.Rendering.Reason;
import io.entrepot.render.Rendering.Unrendered;
import io.entrepot.render.Sources.SourceFile;
import io.entrepot.render.ToolRun.ToolException;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceText;
import io.entrepot.yaml.UnreadableYamlException;
import io.entrepot.yaml.YamlScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Renders entries with the real helm and kustomize, several at once. Without {@code online} the
 * programs are given no way to the network.
 */
public final class Renderer {

  private static final int MAX_ROUNDS = 4;
  private static final int MAX_MESSAGE = 800;

  private static final Set<String> OWN_FILES =
      Set.of("mirror.yaml", "pin.yaml", "check.yaml", "proxy.yaml", "images.lock.yaml");

  /** How charts say that an image was not given. */
  private static final Pattern IMAGE_REQUIRED =
      Pattern.compile(
          "(?i)image[\\w.-]*(?:[ .'\"`]+\\S+)? (?:is|are|must be)[ \\w]* (?:required|set|given|provided|specified)|image[\\w.]*\\s+(?:is )?required|required[^;]*\\bimage\\b|missing[^;]*\\bimage\\.");

  private static final Pattern SOURCE = Pattern.compile("(?m)^# Source: ([^\\r\\n]+)$");
  private static final Pattern TEMPLATE_PLACE =
      Pattern.compile("([A-Za-z0-9_.-]+)/((?:charts|templates|crds)/[^\\s:)\"]+)(?::(\\d+))?");
  private static final Pattern SCHEMA_KEY =
      Pattern.compile("(?m)^- (?:at ')?/?([A-Za-z0-9_./\\[\\]-]+)");
  private static final Pattern QUOTED = Pattern.compile("['\"]([^'\"\\s]+)['\"]");
  private static final Pattern PATH_WORD = Pattern.compile("[A-Za-z0-9_.-]+\\.ya?ml");
  private static final Pattern SUBSTITUTION =
      Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)(?::[=-]([^}]*))?}");

  private final Sources sources;
  private final RenderTools tools;
  private final boolean online;
  private final Kustomizations kustomizations;
  private final Semaphore processes =
      new Semaphore(Math.max(2, Runtime.getRuntime().availableProcessors()));

  /**
   * @param online whether charts and bases may be fetched
   */
  public Renderer(Sources sources, RenderTools tools, boolean online) {
    this.sources = sources;
    this.tools = tools;
    this.online = online;
    this.kustomizations = new Kustomizations(sources);
  }

  /**
   * Renders what the targets name, and what Argo CD and Flux would find in the tree.
   *
   * @param argocd globs of files with Applications and ApplicationSets
   * @param flux globs of files with Kustomizations and HelmReleases
   */
  public Rendering render(List<RenderTarget> targets, List<String> argocd, List<String> flux) {
    Outcome outcome = new Outcome();
    List<Assignment> work = new ArrayList<>();
    for (RenderTarget target : targets) {
      for (RenderEntry entry : target.entries()) {
        work.add(new Assignment(target.name(), target.cluster(), entry));
      }
    }
    Discovery discovery = new Discovery(sources, targets, !argocd.isEmpty(), !flux.isEmpty());
    work.addAll(discovery.inFiles(argocd, flux, outcome));
    Set<Assignment> done = new HashSet<>();
    for (int round = 0; round < MAX_ROUNDS && !work.isEmpty(); round++) {
      List<Assignment> fresh = work.stream().filter(done::add).toList();
      int before = outcome.objects.size();
      Parallel.map(fresh, this::render).forEach(outcome::add);
      List<KubernetesObject> made =
          List.copyOf(outcome.objects.subList(before, outcome.objects.size()));
      work = discovery.inObjects(made, outcome);
    }
    return outcome.finished();
  }

  private Outcome render(Assignment work) {
    Outcome outcome = new Outcome();
    try {
      switch (work.entry()) {
        case Helm helm -> helm(work, helm, outcome);
        case Kustomize kustomize -> kustomize(work, kustomize, outcome);
        case Manifests manifests -> manifests(work, manifests, outcome);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("%s: %s".formatted(work.entry().name(), e.getMessage()), e);
    }
    return outcome;
  }

  // ---- helm ----------------------------------------------------------------------------------

  private void helm(Assignment work, Helm helm, Outcome outcome) throws IOException {
    boolean local = helm.repository() == null && !helm.chart().startsWith("oci://");
    if (local && !sources.isFile(helm.chart() + "/Chart.yaml") && !sources.isFile(helm.chart())) {
      fail(
          work,
          outcome,
          "the chart %s does not exist in the tree".formatted(helm.chart()),
          "correct the path, or put the chart into the tree");
      return;
    }
    if (!local && !online) {
      outcome.unrendered.add(
          new Unrendered(
              work.target(),
              helm.name(),
              helm.position(),
              "its chart is not in the tree; vendor it below the tree, or let it be fetched with"
                  + " --online"));
      return;
    }
    List<String> values = new ArrayList<>();
    for (String file : helm.values()) {
      if (sources.isFile(file)) {
        values.add(file);
      } else if (!helm.ignoreMissingValues()) {
        fail(
            work,
            outcome,
            "the values file %s does not exist".formatted(file),
            "create it, or take it out of the entry");
      }
    }
    if (!outcome.failures.isEmpty()) {
      return;
    }
    List<String> command =
        new ArrayList<>(
            List.of(
                tools.helm(),
                "template",
                helm.release(),
                helm.chart(),
                "--include-crds",
                "--skip-tests"));
    if (helm.namespace() != null) {
      command.addAll(List.of("--namespace", helm.namespace()));
    }
    if (helm.repository() != null) {
      command.addAll(List.of("--repo", helm.repository()));
    }
    if (helm.version() != null && !local) {
      command.addAll(List.of("--version", helm.version()));
    }
    values.forEach(file -> command.addAll(List.of("--values", file)));
    helm.parameters().forEach((key, value) -> command.addAll(List.of("--set", key + "=" + value)));
    Path scratch = Files.createTempDirectory("entrepot-check");
    try {
      if (helm.inline() != null) {
        Path inline = Files.writeString(scratch.resolve("values.json"), helm.inline(), UTF_8);
        // Values in the application come before single parameters and after the files.
        int at = command.indexOf("--set");
        command.addAll(at < 0 ? command.size() : at, List.of("--values", inline.toString()));
      }
      ToolRun run = run(command, work, outcome, "tools.helm in check.yaml, or install helm");
      if (run == null) {
        return;
      }
      List<String> searched = helmFiles(helm, values, local);
      if (run.status() != 0) {
        helmFailure(work, helm, searched, run, scratch, outcome);
        return;
      }
      for (String document : documents(run.output())) {
        Matcher source = SOURCE.matcher(document);
        String file = source.find() ? templateFile(helm, source.group(1).strip(), local) : null;
        Origin origin =
            new Origin(
                work.target(),
                work.cluster(),
                helm,
                "%s %s %s".formatted(helm.name(), helm.namespace(), helm.position()),
                file,
                false,
                searched);
        parse(document, origin, helm.namespace(), outcome);
      }
    } finally {
      remove(scratch);
    }
  }

  private static List<String> helmFiles(Helm helm, List<String> values, boolean local) {
    List<String> files = new ArrayList<>();
    if (helm.inline() != null || !helm.parameters().isEmpty()) {
      files.add(helm.position().file());
    }
    files.addAll(values.reversed());
    if (local) {
      files.add(helm.chart() + "/values.yaml");
    }
    return files;
  }

  /** {@code dashboard/charts/redis/templates/x.yaml} in the chart's directory, if it is there. */
  private @Nullable String templateFile(Helm helm, String source, boolean local) {
    int slash = source.indexOf('/');
    if (!local || slash < 0) {
      return null;
    }
    String file = helm.chart() + source.substring(slash);
    if (sources.isFile(file)) {
      return file;
    }
    // A dependency that is packed: its archive is the file.
    return sources.isFile(helm.chart()) ? helm.chart() : helm.chart() + "/Chart.yaml";
  }

  private void helmFailure(
      Assignment work,
      Helm helm,
      List<String> searched,
      ToolRun run,
      Path scratch,
      Outcome outcome) {
    String message = message(run.errors()).replace(scratch + "/values.json", "the inline values");
    String file = null;
    int line = 0;
    Matcher place = TEMPLATE_PLACE.matcher(message);
    Matcher key = SCHEMA_KEY.matcher(run.errors());
    if (message.contains("specifications of the schema")) {
      if (key.find()) {
        String last = key.group(1).replaceAll(".*[./](?=[^./\\[]+)", "").replaceAll("\\[.*", "");
        for (String candidate : searched) {
          int found = lineOfKey(candidate, last);
          if (file == null && found > 0) {
            file = candidate;
            line = found;
          }
        }
      }
    } else if (place.find()) {
      String candidate = helm.chart() + "/" + place.group(2);
      if (sources.isFile(candidate)) {
        file = candidate;
        line = place.group(3) == null ? 0 : Integer.parseInt(place.group(3));
      }
    }
    String remedy =
        message.contains("missing in charts/")
            ? "the chart's dependencies belong into the tree: helm dependency build"
            : message.contains("specifications of the schema")
                ? "give the value in the type that the chart's values.schema.json asks for"
                : "mend the values or the template";
    Reason reason = IMAGE_REQUIRED.matcher(message).find() ? Reason.IMAGE_NOT_GIVEN : Reason.OTHER;
    outcome.failures.add(
        file == null
            ? new Failure(
                work.target(), helm.position(), reason, helm.name() + ": " + message, remedy)
            : new Failure(
                work.target(),
                FilePosition.of(file, line),
                reason,
                helm.name() + " does not render: " + message,
                remedy));
  }

  // ---- kustomize -----------------------------------------------------------------------------

  private void kustomize(Assignment work, Kustomize kustomize, Outcome outcome) throws IOException {
    String directory = kustomize.directory();
    boolean written = !kustomize.resources().isEmpty();
    List<String> searched =
        written
            ? kustomize.resources().stream().flatMap(each -> behind(each).stream()).toList()
            : kustomizations.files(directory);
    String file = written ? searched.getFirst() : sources.kustomization(directory);
    if (file == null) {
      fail(
          work,
          outcome,
          sources.isDirectory(directory)
              ? "%s has no kustomization.yaml".formatted(directory)
              : "the directory %s does not exist in the tree".formatted(directory),
          "correct the path, or create the kustomization");
      return;
    }
    if (!online) {
      List<SourceNode> remotes =
          written
              ? kustomize.resources().stream()
                  .flatMap(each -> kustomizations.remotes(each).stream())
                  .toList()
              : kustomizations.remotes(directory);
      for (SourceNode remote : remotes) {
        String where =
            searched.stream().filter(each -> holds(each, remote)).findFirst().orElse(file);
        outcome.failures.add(
            Failure.of(
                work.target(),
                FilePosition.of(where, remote.line()),
                "%s needs %s, which is not in the tree"
                    .formatted(kustomize.name(), ((ScalarSite) remote).value()),
                "vendor it below the tree, or check with --online"));
      }
      if (!remotes.isEmpty()) {
        return;
      }
    }
    Path scratch = Files.createTempDirectory("entrepot-check");
    try {
      List<String> command = new ArrayList<>(List.of(tools.kustomize(), "build"));
      if (kustomize.overlay() == null && !written) {
        command.add(directory.isEmpty() ? "." : directory);
      } else {
        List<String> resources = written ? kustomize.resources() : List.of(directory);
        overlay(scratch, resources, kustomize.overlay());
        command.add(scratch.toString());
        command.addAll(List.of("--load-restrictor", "LoadRestrictionsNone"));
      }
      boolean charts = searched.stream().anyMatch(each -> text(each).contains("helmChart"));
      if (charts) {
        command.addAll(List.of("--enable-helm", "--helm-command", tools.helm()));
      }
      ToolRun run =
          run(command, work, outcome, "tools.kustomize in check.yaml, or install kustomize");
      if (run == null) {
        return;
      }
      if (run.status() != 0) {
        kustomizeFailure(work, kustomize, file, searched, run, scratch, outcome);
        return;
      }
      String output = substituted(run.output(), kustomize.substitutions());
      for (String document : documents(output)) {
        Origin origin =
            new Origin(
                work.target(),
                work.cluster(),
                kustomize,
                "%s %s %s".formatted(kustomize.name(), kustomize.namespace(), kustomize.position()),
                null,
                false,
                searched);
        parse(document, origin, kustomize.namespace(), outcome);
      }
    } finally {
      remove(scratch);
    }
  }

  /**
   * A kustomization that lays more over resources of the tree, which themselves stay as they are.
   */
  private void overlay(Path scratch, List<String> resources, @Nullable String overlay)
      throws IOException {
    Path real = scratch.toRealPath();
    List<String> names = new ArrayList<>();
    for (String resource : resources) {
      Path relative = real.relativize(sources.resolve(resource).toRealPath());
      names.add("\"" + relative.toString().replace('\\', '/') + "\"");
    }
    String rest = overlay == null ? "}" : "," + overlay.strip().substring(1);
    Files.writeString(
        scratch.resolve("kustomization.yaml"),
        "{\"resources\":[%s]%s".formatted(String.join(",", names), rest),
        UTF_8);
  }

  /** The files behind a resource of the tree. */
  private List<String> behind(String resource) {
    return sources.isDirectory(resource) ? kustomizations.files(resource) : List.of(resource);
  }

  private void kustomizeFailure(
      Assignment work,
      Kustomize kustomize,
      String file,
      List<String> searched,
      ToolRun run,
      Path scratch,
      Outcome outcome) {
    String message = message(run.errors()).replace(scratch.toString(), kustomize.directory());
    String where = file;
    int line = 0;
    List<String> words =
        Stream.concat(
                QUOTED.matcher(message).results().map(hit -> hit.group(1)),
                PATH_WORD.matcher(message).results().map(hit -> hit.group()))
            .filter(word -> word.length() > 3 && !word.startsWith("kustomization"))
            .toList();
    for (String word : words) {
      String name = word.substring(word.lastIndexOf('/') + 1);
      for (String candidate : searched) {
        if (line == 0 && candidate.contains("ustomization")) {
          line = lineOf(candidate, name);
          where = line == 0 ? where : candidate;
        }
      }
    }
    outcome.failures.add(
        Failure.of(
            work.target(),
            FilePosition.of(where, line),
            kustomize.name() + " does not build: " + message,
            "correct the paths and names in the kustomization"));
  }

  private static String substituted(String text, Map<String, String> variables) {
    if (variables.isEmpty()) {
      return text;
    }
    return SUBSTITUTION
        .matcher(text)
        .replaceAll(
            use -> {
              String value = variables.get(use.group(1));
              String fallback = use.group(2);
              // What a ConfigMap of the cluster would fill in stays as it is written.
              return Matcher.quoteReplacement(
                  value != null ? value : fallback != null ? fallback : use.group());
            });
  }

  // ---- manifests -----------------------------------------------------------------------------

  private void manifests(Assignment work, Manifests manifests, Outcome outcome) throws IOException {
    List<String> files = new ArrayList<>();
    for (String glob : manifests.globs()) {
      List<String> found = sources.matching(glob);
      if (found.isEmpty()) {
        fail(work, outcome, "no file fits %s".formatted(glob), "correct the pattern");
      }
      files.addAll(found);
    }
    Parallel.map(
            files.stream().distinct().filter(Sources::isYaml).toList(),
            file -> standing(work, manifests, file))
        .forEach(outcome::add);
  }

  private Outcome standing(Assignment work, Manifests manifests, String path) {
    Outcome outcome = new Outcome();
    SourceFile file = sources.file(path);
    if (file.problem() != null) {
      // A chart's templates are no YAML; their images come from values.
      boolean chart = ("/" + path).contains("/templates/") && file.isTemplate();
      if (!chart) {
        outcome.failures.add(
            Failure.of(
                work.target(),
                FilePosition.of(path, file.line()),
                "not readable as YAML: " + file.problem(),
                "correct the file"));
      }
      return outcome;
    }
    if (isOwn(file)) {
      return outcome;
    }
    Origin origin =
        new Origin(work.target(), work.cluster(), manifests, path, path, true, List.of(path));
    for (SourceNode document : file.documents()) {
      Optional<ScalarSite> doubled = YamlScanner.doubledKey(document);
      if (doubled.isPresent()) {
        outcome.failures.add(
            Failure.of(
                work.target(),
                FilePosition.of(path, doubled.get().line()),
                "the key '%s' stands twice in one map; parsers differ on which one counts"
                    .formatted(doubled.get().value()),
                "remove one of them"));
      }
      accept(document, origin, manifests.namespace(), outcome);
    }
    return outcome;
  }

  /** Whether this is a file of this program, whose images are sources. */
  private static boolean isOwn(SourceFile file) {
    String name = file.path().substring(file.path().lastIndexOf('/') + 1);
    return OWN_FILES.contains(name)
        && file.documents().stream().allMatch(document -> Nodes.text(document, "kind") == null);
  }

  // ---- objects -------------------------------------------------------------------------------

  /** A stream of documents, cut at its separators. */
  private static List<String> documents(String stream) {
    List<String> documents = new ArrayList<>();
    int from = 0;
    while (from < stream.length()) {
      int next = stream.startsWith("---", from) ? from : stream.indexOf("\n---", from);
      if (next < 0) {
        documents.add(stream.substring(from));
        break;
      }
      documents.add(stream.substring(from, next));
      int end = stream.indexOf('\n', next + 1);
      from = end < 0 ? stream.length() : end + 1;
    }
    return documents;
  }

  private void parse(String document, Origin origin, @Nullable String namespace, Outcome outcome) {
    if (document.isBlank()) {
      return;
    }
    try {
      for (SourceNode root : YamlScanner.scan(SourceText.of(document))) {
        accept(root, origin, namespace, outcome);
      }
    } catch (UnreadableYamlException e) {
      outcome.failures.add(
          Failure.of(
              origin.target(),
              origin.file() == null ? null : FilePosition.of(origin.file()),
              "%s renders to something that is not YAML: %s"
                  .formatted(origin.entry().name(), e.getMessage()),
              "mend the template or the values"));
    }
  }

  private static void accept(
      SourceNode root, Origin origin, @Nullable String namespace, Outcome outcome) {
    String apiVersion = Nodes.text(root, "apiVersion");
    String kind = Nodes.text(root, "kind");
    if (root instanceof SourceMapping mapping && apiVersion != null && kind != null) {
      if (kind.endsWith("List") && Nodes.at(root, "items") != null) {
        for (SourceNode item : Nodes.items(root, "items")) {
          accept(item, origin, namespace, outcome);
        }
        return;
      }
      String name = Nodes.text(root, "metadata", "name");
      if (name == null) {
        name = Nodes.text(root, "metadata", "generateName");
      }
      if (name != null) {
        String own = Nodes.text(root, "metadata", "namespace");
        boolean scoped = ClusterScope.holds(apiVersion, kind);
        outcome.objects.add(
            new KubernetesObject(
                apiVersion,
                kind,
                scoped ? null : own == null ? namespace : own,
                name,
                mapping,
                origin));
        return;
      }
    }
    if (!(root instanceof ScalarSite)) {
      outcome.values.add(new ValuesDocument(root, origin));
    }
  }

  // ---- programs and messages -----------------------------------------------------------------

  private @Nullable ToolRun run(
      List<String> command, Assignment work, Outcome outcome, String remedy) {
    boolean interrupted = false;
    try {
      processes.acquire();
      try {
        return ToolRun.of(command, sources.root(), environment(), tools.timeout());
      } finally {
        processes.release();
      }
    } catch (ToolException e) {
      fail(
          work,
          outcome,
          String.valueOf(e.getMessage()),
          e.missing ? "give its path: " + remedy : "look for what it waits for");
      return null;
    } catch (InterruptedException e) {
      interrupted = true;
      CancellationException stopped = new CancellationException("stopped");
      stopped.initCause(e);
      throw stopped;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private Map<String, String> environment() {
    if (online) {
      return Map.of();
    }
    // Nothing listens on the discard port: what needs the network fails at once, and says so.
    String nowhere = "http://127.0.0.1:9";
    return Map.of(
        "HTTP_PROXY",
        nowhere,
        "HTTPS_PROXY",
        nowhere,
        "http_proxy",
        nowhere,
        "https_proxy",
        nowhere,
        "NO_PROXY",
        "",
        "no_proxy",
        "",
        "GIT_ALLOW_PROTOCOL",
        "file",
        "GIT_TERMINAL_PROMPT",
        "0");
  }

  private static void fail(Assignment work, Outcome outcome, String message, String remedy) {
    outcome.failures.add(
        Failure.of(
            work.target(), work.entry().position(), work.entry().name() + ": " + message, remedy));
  }

  /** What a program said, without its noise and without this machine's paths. */
  private String message(String errors) {
    List<String> lines =
        errors
            .lines()
            .map(String::strip)
            .filter(
                line ->
                    !line.isEmpty()
                        && !line.startsWith("WARNING")
                        && !line.startsWith("# Warning")
                        && !line.startsWith("Use --debug"))
            .toList();
    String text = String.join("; ", lines).replaceFirst("^Error: ", "");
    String tidy =
        text.replace(sources.root() + "/", "").replace(sources.root().toString(), "the tree");
    return tidy.length() > MAX_MESSAGE ? tidy.substring(0, MAX_MESSAGE) + "…" : tidy;
  }

  private String text(String path) {
    SourceText text = sources.file(path).source();
    return text == null ? "" : text.text();
  }

  private boolean holds(String path, SourceNode node) {
    return sources.file(path).source() == node.source();
  }

  private int lineOf(String path, String word) {
    SourceText text = sources.file(path).source();
    int at = text == null ? -1 : text.text().indexOf(word);
    return text == null || at < 0 ? 0 : text.fileLine(at);
  }

  private int lineOfKey(String path, String key) {
    if (!sources.isFile(path)) {
      return 0;
    }
    SourceText text = sources.file(path).source();
    if (text == null) {
      return 0;
    }
    Matcher matcher =
        Pattern.compile("(?m)^[\\s-]*[\"']?" + Pattern.quote(key) + "[\"']?\\s*:")
            .matcher(text.text());
    return matcher.find() ? text.fileLine(text.text().indexOf(key, matcher.start())) : 0;
  }

  private static void remove(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
