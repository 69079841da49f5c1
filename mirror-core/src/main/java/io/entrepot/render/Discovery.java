package io.entrepot.render;

import io.entrepot.concurrent.Parallel;
import io.entrepot.render.GoTemplate.TemplateException;
import io.entrepot.render.RenderEntry.Helm;
import io.entrepot.render.RenderEntry.Kustomize;
import io.entrepot.render.RenderEntry.Manifests;
import io.entrepot.render.Rendering.Failure;
import io.entrepot.render.Rendering.Unrendered;
import io.entrepot.render.Sources.SourceFile;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceText;
import io.entrepot.yaml.UnreadableYamlException;
import io.entrepot.yaml.YamlScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Finds what Argo CD and Flux would deploy: Applications and ApplicationSets, Kustomizations and
 * HelmReleases, in files and in what was rendered (an application of applications).
 */
final class Discovery {

  private static final Set<String> KUSTOMIZE_KEYS =
      Set.of(
          "images",
          "namePrefix",
          "nameSuffix",
          "namespace",
          "patches",
          "components",
          "commonLabels",
          "commonAnnotations",
          "labels",
          "replicas");

  private final Sources sources;
  private final List<RenderTarget> targets;
  private final boolean argocd;
  private final boolean flux;
  private final Environments environments;
  private final Map<String, Object> artifacts = new LinkedHashMap<>();
  private final Map<String, Object> configMaps = new LinkedHashMap<>();
  private final Set<String> seen = new HashSet<>();

  Discovery(Sources sources, List<RenderTarget> targets, boolean argocd, boolean flux) {
    this.sources = sources;
    this.targets = targets;
    this.argocd = argocd;
    this.flux = flux;
    this.environments = new Environments(targets.stream().map(RenderTarget::name).toList());
  }

  /** What the files that fit the globs ask to deploy. */
  List<Assignment> inFiles(List<String> argocdGlobs, List<String> fluxGlobs, Outcome outcome) {
    Set<String> files = new TreeSet<>();
    try {
      for (String glob : argocdGlobs) {
        files.addAll(matching(glob, "argocd", outcome));
      }
      for (String glob : fluxGlobs) {
        files.addAll(matching(glob, "flux", outcome));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<SourceFile> readable = new ArrayList<>();
    for (SourceFile file : Parallel.map(files, sources::file)) {
      if (file.problem() == null) {
        readable.add(file);
      } else {
        for (RenderTarget target : targets) {
          if (file.isTemplate()) {
            outcome.unrendered.add(
                new Unrendered(
                    target.name(),
                    file.path(),
                    null,
                    "a template and no YAML; render its chart, or leave it out of discover"));
            continue;
          }
          outcome.failures.add(
              Failure.of(
                  target.name(),
                  FilePosition.of(file.path(), file.line()),
                  "not readable as YAML: " + file.problem(),
                  "correct the file"));
        }
      }
    }
    for (SourceFile file : readable) {
      for (SourceNode document : file.documents()) {
        remember(document);
        if (deploys(document)) {
          environments.learn(file.path());
        }
      }
    }
    for (SourceFile file : readable) {
      for (SourceNode document : file.documents()) {
        rememberConfigMap(environments.ofPath(file.path()), document);
      }
    }
    List<Assignment> found = new ArrayList<>();
    for (SourceFile file : readable) {
      for (SourceNode document : file.documents()) {
        if (deploys(document)) {
          List<String> into = environments.ofPath(file.path());
          String namespace = Nodes.text(document, "metadata", "namespace");
          into.forEach(target -> seen.add(key(target, document, namespace)));
          found.addAll(
              expand(
                  Nodes.plain(document),
                  FilePosition.of(file.path(), document.line()),
                  into,
                  outcome));
        }
      }
    }
    return found;
  }

  /** What rendered objects ask to deploy, each in its own target. */
  List<Assignment> inObjects(List<KubernetesObject> objects, Outcome outcome) {
    List<Assignment> found = new ArrayList<>();
    if (!argocd && !flux) {
      return found;
    }
    for (KubernetesObject object : objects) {
      if (object.kind().startsWith("OCIRepository")) {
        remember(object.root());
      }
      rememberConfigMap(List.of(object.origin().target()), object.root());
    }
    for (KubernetesObject object : objects) {
      String target = object.origin().target();
      // What the files say already is not rendered twice.
      if (deploys(object.root())
          && !seen.contains(key(target, object.root(), null))
          && seen.add(key(target, object.root(), object.namespace()))) {
        found.addAll(
            expand(Nodes.plain(object.root()), object.position(), List.of(target), outcome));
      }
    }
    return found;
  }

  private List<String> matching(String glob, String kind, Outcome outcome) throws IOException {
    List<String> found = sources.matching(glob);
    if (found.isEmpty()) {
      for (RenderTarget target : targets) {
        outcome.failures.add(
            Failure.of(
                target.name(),
                null,
                "discover.%s: no file fits %s".formatted(kind, glob),
                "correct the pattern in check.yaml"));
      }
    }
    return found;
  }

  private static String key(String target, SourceNode document, @Nullable String namespace) {
    return "%s %s %s/%s"
        .formatted(
            target,
            Nodes.text(document, "kind"),
            namespace,
            Nodes.text(document, "metadata", "name"));
  }

  private boolean deploys(SourceNode document) {
    String version = Nodes.text(document, "apiVersion");
    String kind = Nodes.text(document, "kind");
    if (version == null || kind == null) {
      return false;
    }
    if (version.startsWith("argoproj.io/")) {
      return argocd && (kind.equals("Application") || kind.equals("ApplicationSet"));
    }
    return flux
        && ((version.startsWith("kustomize.toolkit.fluxcd.io/") && kind.equals("Kustomization"))
            || (version.startsWith("helm.toolkit.fluxcd.io/") && kind.equals("HelmRelease")));
  }

  private void remember(SourceNode document) {
    String kind = Nodes.text(document, "kind");
    String name = Nodes.text(document, "metadata", "name");
    String version = Nodes.text(document, "apiVersion");
    Object artifact =
        kind != null
                && name != null
                && version != null
                && version.startsWith("source.toolkit.fluxcd.io/")
            ? Nodes.plain(document)
            : null;
    if (artifact != null) {
      artifacts.put(kind + "/" + name, artifact);
    }
  }

  private List<Assignment> expand(
      @Nullable Object document, FilePosition where, List<String> byPath, Outcome outcome) {
    List<Assignment> found = new ArrayList<>();
    switch (String.valueOf(Plain.text(document, "kind"))) {
      case "Application" -> {
        List<String> named = applicationTargets(document);
        List<String> into = named.isEmpty() ? byPath : inBoth(named, byPath);
        application(document, where, into, found, outcome);
      }
      case "ApplicationSet" -> applicationSet(document, where, byPath, found, outcome);
      case "Kustomization" -> fluxKustomization(document, where, byPath, found);
      default -> helmRelease(document, where, byPath, found, outcome);
    }
    return found;
  }

  /** Targets named by the application, as far as its file's place does not exclude them. */
  private static List<String> inBoth(List<String> named, List<String> byPath) {
    List<String> both = named.stream().filter(byPath::contains).toList();
    return both.isEmpty() && byPath.isEmpty() ? named : both;
  }

  // ---- Argo CD -------------------------------------------------------------------------------

  private void applicationSet(
      @Nullable Object set,
      FilePosition where,
      List<String> byPath,
      List<Assignment> found,
      Outcome outcome) {
    String name = "ApplicationSet " + Plain.text(set, "metadata", "name");
    boolean go = Plain.flag(set, "spec", "goTemplate");
    try {
      if (Plain.at(set, "spec", "templatePatch") != null) {
        throw new TemplateException("templatePatch is more than is understood here");
      }
      List<Map<String, @Nullable Object>> elements = new ArrayList<>();
      Generators generators = new Generators(sources, environments.all(), go);
      for (Object generator : Plain.list(set, "spec", "generators")) {
        elements.addAll(generators.elements(generator, Map.of()));
      }
      List<@Nullable Object> applications = new ArrayList<>();
      List<List<String>> named = new ArrayList<>();
      boolean anyNamed = false;
      for (Map<String, @Nullable Object> element : elements) {
        Object application = new GoTemplate(element, go).fill(Plain.at(set, "spec", "template"));
        List<String> words = new ArrayList<>();
        texts(element, words);
        List<String> into = environments.exactly(words);
        if (into.isEmpty()) {
          into = applicationTargets(application);
        }
        anyNamed |= !into.isEmpty();
        applications.add(application);
        named.add(into);
      }
      for (int i = 0; i < applications.size(); i++) {
        // Where some name a target, the others are for environments that are not checked.
        List<String> into = anyNamed ? inBoth(named.get(i), byPath) : byPath;
        application(applications.get(i), where, into, found, outcome);
      }
    } catch (TemplateException e) {
      for (String target : byPath) {
        outcome.unrendered.add(
            new Unrendered(
                target,
                name,
                where,
                e.getMessage() + "; name its applications under render: in check.yaml"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("%s: %s".formatted(name, e.getMessage()), e);
    }
  }

  private List<String> applicationTargets(@Nullable Object application) {
    List<String> words = new ArrayList<>();
    for (String[] way :
        new String[][] {
          {"metadata", "name"},
          {"spec", "destination", "name"},
          {"spec", "destination", "namespace"}
        }) {
      String word = Plain.text(application, way);
      if (word != null) {
        words.add(word);
      }
    }
    for (Object source : applicationSources(application)) {
      String path = Plain.text(source, "path");
      if (path != null) {
        words.add(path);
      }
      words.addAll(Plain.texts(source, "helm", "valueFiles"));
    }
    return environments.within(words);
  }

  private static List<@Nullable Object> applicationSources(@Nullable Object application) {
    List<@Nullable Object> all = Plain.list(application, "spec", "sources");
    Object one = Plain.at(application, "spec", "source");
    if (all.isEmpty() && one != null) {
      all.add(one);
    }
    return all;
  }

  private void application(
      @Nullable Object application,
      FilePosition where,
      List<String> into,
      List<Assignment> found,
      Outcome outcome) {
    String name = String.valueOf(Plain.text(application, "metadata", "name"));
    String namespace = Plain.text(application, "spec", "destination", "namespace");
    String cluster = Plain.text(application, "spec", "destination", "name");
    if (cluster == null) {
      cluster = Plain.text(application, "spec", "destination", "server");
    }
    for (Object source : applicationSources(application)) {
      String path = Plain.text(source, "path");
      String chart = Plain.text(source, "chart");
      if (path == null && chart == null) {
        // Only named by others as $ref.
        continue;
      }
      if (path != null && !sources.isDirectory(tidy(path))) {
        for (String target : into) {
          outcome.failures.add(
              Failure.of(
                  target,
                  where,
                  "the application %s deploys %s of %s, which is not in the tree"
                      .formatted(name, path, Plain.text(source, "repoURL")),
                  "correct the path, or vendor what it needs: a target must render from the tree"
                      + " alone"));
        }
        continue;
      }
      for (String target : into) {
        found.add(
            new Assignment(
                target, clusterOf(target, cluster), entry(name, namespace, source, where)));
      }
    }
  }

  /**
   * The cluster that an application names, save where that name is the same for everybody: in each
   * target it is another one.
   */
  private String clusterOf(String target, @Nullable String named) {
    String own =
        targets.stream()
            .filter(each -> each.name().equals(target))
            .map(RenderTarget::cluster)
            .findFirst()
            .orElse(target);
    boolean local =
        named == null
            || named.equals("in-cluster")
            || named.startsWith("https://kubernetes.default.svc");
    return local || targets.stream().anyMatch(each -> each.name().equals(named))
        ? own
        : own + " " + named;
  }

  private RenderEntry entry(
      String name, @Nullable String namespace, @Nullable Object source, FilePosition where) {
    String chart = Plain.text(source, "chart");
    String path = tidy(String.valueOf(Plain.text(source, "path")));
    boolean helm =
        chart != null || sources.isFile(path + "/Chart.yaml") || Plain.at(source, "helm") != null;
    if (helm) {
      return helm(name, namespace, source, chart, path, where);
    }
    if (sources.kustomization(path) != null || Plain.at(source, "kustomize") != null) {
      Map<String, @Nullable Object> overlay = Plain.map(source, "kustomize");
      overlay.keySet().retainAll(KUSTOMIZE_KEYS);
      return new Kustomize(
          path,
          List.of(),
          namespace,
          overlay.isEmpty() ? null : kustomizeOverlay(overlay),
          new TreeMap<>(),
          where);
    }
    String include = Plain.text(source, "directory", "include");
    String between = Plain.flag(source, "directory", "recurse") ? "/**/" : "/";
    return new Manifests(
        List.of(path + between + (include == null ? "*.{yaml,yml,json}" : include)),
        namespace,
        where);
  }

  private Helm helm(
      String name,
      @Nullable String namespace,
      @Nullable Object source,
      @Nullable String chart,
      String path,
      FilePosition where) {
    List<String> values = new ArrayList<>();
    for (String file : Plain.texts(source, "helm", "valueFiles")) {
      if (file.startsWith("$")) {
        // $values/…: a source of the same tree under a name.
        values.add(tidy(file.substring(file.indexOf('/') + 1)));
      } else if (file.startsWith("/")) {
        values.add(tidy(file.substring(1)));
      } else {
        values.add(tidy(chart == null ? path + "/" + file : file));
      }
    }
    TreeMap<String, String> parameters = new TreeMap<>();
    for (Object parameter : Plain.list(source, "helm", "parameters")) {
      String key = Plain.text(parameter, "name");
      if (key != null) {
        Object value = Plain.at(parameter, "value");
        parameters.put(key, value == null ? "" : value.toString());
      }
    }
    Object inline = Plain.at(source, "helm", "valuesObject");
    String text = Plain.text(source, "helm", "values");
    String repository = chart == null ? null : String.valueOf(Plain.text(source, "repoURL"));
    boolean oci = repository != null && !repository.contains("://");
    if (chart != null && repository != null && (oci || repository.startsWith("oci://"))) {
      chart = (oci ? "oci://" : "") + repository + "/" + chart;
      repository = null;
    }
    String release = Plain.text(source, "helm", "releaseName");
    String into = Plain.text(source, "helm", "namespace");
    return new Helm(
        chart == null ? path : chart,
        repository,
        Plain.text(source, "targetRevision"),
        release == null ? name : release,
        into == null ? namespace : into,
        values,
        inline != null ? JsonMapper.shared().writeValueAsString(inline) : text,
        parameters,
        Plain.flag(source, "helm", "ignoreMissingValueFiles"),
        where);
  }

  // ---- Flux ----------------------------------------------------------------------------------

  private void fluxKustomization(
      @Nullable Object kustomization,
      FilePosition where,
      List<String> into,
      List<Assignment> found) {
    String given = Plain.text(kustomization, "spec", "path");
    String path = tidy(given == null ? "" : given);
    String source = Plain.text(kustomization, "spec", "sourceRef", "kind");
    if (source != null && !source.equals("GitRepository") && !sources.isDirectory(path)) {
      // An OCIRepository or Bucket whose content is not here.
      found.addAll(remote(kustomization, where, into));
      return;
    }
    Map<String, @Nullable Object> overlay = new LinkedHashMap<>();
    for (String key : List.of("images", "patches", "components", "namePrefix", "nameSuffix")) {
      Object value = Plain.at(kustomization, "spec", key);
      if (value != null) {
        overlay.put(key, value);
      }
    }
    String namespace = Plain.text(kustomization, "spec", "targetNamespace");
    if (namespace != null) {
      overlay.put("namespace", namespace);
    }
    boolean plain = sources.kustomization(path) == null && sources.isDirectory(path);
    List<String> resources = plain ? resources(path) : List.of();
    boolean nested = resources.stream().anyMatch(sources::isDirectory);
    for (String target : into) {
      SortedMap<String, String> substitutions = substitutions(target, kustomization);
      // Files that nothing is laid over are judged where they stand, line by line.
      boolean standing = plain && !nested && overlay.isEmpty() && substitutions.isEmpty();
      RenderEntry entry =
          standing || (plain && resources.isEmpty())
              ? new Manifests(
                  List.of((path.isEmpty() ? "" : path + "/") + "**/*.{yaml,yml}"), namespace, where)
              : new Kustomize(
                  path,
                  resources,
                  namespace,
                  overlay.isEmpty() ? null : kustomizeOverlay(overlay),
                  substitutions,
                  where);
      found.add(new Assignment(target, clusterOf(target, null), entry));
    }
  }

  /** The kustomizations below a directory that has none of its own, and the files beside them. */
  private List<String> resources(String directory) {
    Set<String> resources = new LinkedHashSet<>();
    try {
      for (String file : sources.matching(directory.isEmpty() ? "." : directory)) {
        String resource = file;
        for (int slash = file.indexOf('/', directory.length() + 1);
            slash >= 0 && resource.equals(file);
            slash = file.indexOf('/', slash + 1)) {
          if (sources.kustomization(file.substring(0, slash)) != null) {
            resource = file.substring(0, slash);
          }
        }
        resources.add(resource);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.copyOf(resources);
  }

  /**
   * Flux's variables. What a ConfigMap gives that is not in the tree stays open: images with such a
   * variable are not judged.
   */
  private SortedMap<String, String> substitutions(String target, @Nullable Object kustomization) {
    SortedMap<String, String> substitutions = new TreeMap<>();
    String namespace = Plain.text(kustomization, "metadata", "namespace");
    for (Object from : Plain.list(kustomization, "spec", "postBuild", "substituteFrom")) {
      if ("ConfigMap".equals(Plain.text(from, "kind"))) {
        putAll(substitutions, configMap(target, namespace, Plain.text(from, "name")));
      }
    }
    putAll(substitutions, Plain.map(kustomization, "spec", "postBuild", "substitute"));
    return substitutions;
  }

  private static void putAll(Map<String, String> into, Map<String, @Nullable Object> values) {
    values.forEach((key, value) -> into.put(key, value == null ? "" : value.toString()));
  }

  /** The data of a ConfigMap of the tree; empty where there is none. */
  private Map<String, @Nullable Object> configMap(
      String target, @Nullable String namespace, @Nullable String name) {
    Object found = configMaps.get(configMapKey(target, namespace, name));
    return Plain.map(found == null ? configMaps.get(configMapKey(target, null, name)) : found);
  }

  private static String configMapKey(
      String target, @Nullable String namespace, @Nullable String name) {
    return "%s %s/%s".formatted(target, namespace, name);
  }

  private void rememberConfigMap(List<String> targets, SourceNode document) {
    if (flux && "ConfigMap".equals(Nodes.text(document, "kind"))) {
      String namespace = Nodes.text(document, "metadata", "namespace");
      String name = Nodes.text(document, "metadata", "name");
      Map<String, @Nullable Object> data = Plain.map(Nodes.plain(document), "data");
      targets.forEach(target -> configMaps.put(configMapKey(target, namespace, name), data));
    }
  }

  private List<Assignment> remote(
      @Nullable Object kustomization, FilePosition where, List<String> into) {
    String name = String.valueOf(Plain.text(kustomization, "spec", "sourceRef", "name"));
    List<Assignment> entries = new ArrayList<>();
    for (String target : into) {
      entries.add(
          new Assignment(
              target,
              clusterOf(target, null),
              new Kustomize(
                  "source " + name + " of " + Plain.text(kustomization, "metadata", "name"),
                  List.of(),
                  null,
                  null,
                  new TreeMap<>(),
                  where)));
    }
    return entries;
  }

  private void helmRelease(
      @Nullable Object release,
      FilePosition where,
      List<String> into,
      List<Assignment> found,
      Outcome outcome) {
    String name = String.valueOf(Plain.text(release, "metadata", "name"));
    String own = Plain.text(release, "metadata", "namespace");
    String elsewhere = Plain.text(release, "spec", "targetNamespace");
    String namespace = elsewhere == null ? own : elsewhere;
    String given = Plain.text(release, "spec", "releaseName");
    String releaseName = given != null ? given : elsewhere == null ? name : elsewhere + "-" + name;
    Object spec = Plain.at(release, "spec", "chart", "spec");
    String chart = Plain.text(spec, "chart");
    String version = Plain.text(spec, "version");
    String kind = Plain.text(spec, "sourceRef", "kind");
    String sourceName = Plain.text(spec, "sourceRef", "name");
    String repository = null;
    List<String> values = new ArrayList<>();
    if (chart != null && !"GitRepository".equals(kind)) {
      String url = Plain.text(artifacts.get("HelmRepository/" + sourceName), "spec", "url");
      repository = url == null ? "HelmRepository " + sourceName : url;
      if (url != null && url.startsWith("oci://")) {
        chart = url + "/" + chart;
        repository = null;
      }
    } else if (chart != null) {
      chart = tidy(chart);
      for (String file : Plain.texts(spec, "valuesFiles")) {
        values.add(tidy(file));
      }
    } else {
      String reference = Plain.text(release, "spec", "chartRef", "name");
      Object artifact = artifacts.get("OCIRepository/" + reference);
      String url = Plain.text(artifact, "spec", "url");
      chart = url == null ? "oci://OCIRepository " + reference : url;
      version = Plain.text(artifact, "spec", "ref", "tag");
    }
    for (String target : into) {
      String what = "HelmRelease " + name;
      if (!Plain.list(release, "spec", "postRenderers").isEmpty()) {
        outcome.unrendered.add(
            new Unrendered(
                target,
                what,
                where,
                "postRenderers change what its chart renders, which is more than is understood here"));
      }
      Object all = withValuesFrom(target, release, own, what, where, outcome);
      found.add(
          new Assignment(
              target,
              clusterOf(target, null),
              new Helm(
                  chart,
                  repository,
                  version,
                  releaseName,
                  namespace,
                  values,
                  all == null ? null : JsonMapper.shared().writeValueAsString(all),
                  new TreeMap<>(),
                  false,
                  where)));
    }
  }

  /** The release's own values upon those of ConfigMaps of the tree; what is elsewhere is named. */
  private @Nullable Object withValuesFrom(
      String target,
      @Nullable Object release,
      @Nullable String namespace,
      String what,
      FilePosition where,
      Outcome outcome) {
    Object values = null;
    for (Object from : Plain.list(release, "spec", "valuesFrom")) {
      String key = Plain.text(from, "valuesKey");
      Object text =
          "ConfigMap".equals(Plain.text(from, "kind")) && Plain.text(from, "targetPath") == null
              ? configMap(target, namespace, Plain.text(from, "name"))
                  .get(key == null ? "values.yaml" : key)
              : null;
      Object given = text == null ? null : parsed(text.toString());
      if (given == null) {
        outcome.unrendered.add(
            new Unrendered(
                target,
                what,
                where,
                "valuesFrom takes values from %s %s, which only the cluster can tell"
                    .formatted(Plain.text(from, "kind"), Plain.text(from, "name"))));
      }
      values = upon(values, given);
    }
    return upon(values, Plain.at(release, "spec", "values"));
  }

  private static @Nullable Object parsed(String yaml) {
    try {
      List<SourceNode> documents = YamlScanner.scan(SourceText.of(yaml));
      return documents.size() == 1 ? Nodes.plain(documents.getFirst()) : null;
    } catch (UnreadableYamlException e) {
      return null;
    }
  }

  /** Maps are joined, everything else is replaced, as helm does it. */
  private static @Nullable Object upon(@Nullable Object below, @Nullable Object above) {
    if (!(below instanceof Map<?, ?>) || !(above instanceof Map<?, ?> map)) {
      return above == null ? below : above;
    }
    Map<String, @Nullable Object> joined = Plain.map(below);
    map.forEach(
        (key, value) ->
            joined.put(
                String.valueOf(key),
                value == null ? null : upon(joined.get(String.valueOf(key)), value)));
    return joined;
  }

  // ---- helpers -------------------------------------------------------------------------------

  /** Argo CD writes images and components its own way; the rest is a kustomization's. */
  private static String kustomizeOverlay(Map<String, @Nullable Object> given) {
    Map<String, @Nullable Object> overlay = new LinkedHashMap<>(given);
    List<@Nullable Object> images = new ArrayList<>();
    for (Object image : Plain.list(given, "images")) {
      images.add(image instanceof String text ? image(text) : image);
    }
    if (!images.isEmpty()) {
      overlay.put("images", images);
    }
    return JsonMapper.shared().writeValueAsString(overlay);
  }

  /** {@code [old=]new[:tag][@digest]} as an entry of a kustomization. */
  private static Map<String, @Nullable Object> image(String text) {
    int equals = text.indexOf('=');
    String rest = text.substring(equals + 1);
    Map<String, @Nullable Object> entry = new LinkedHashMap<>();
    int at = rest.indexOf('@');
    if (at >= 0) {
      entry.put("digest", rest.substring(at + 1));
      rest = rest.substring(0, at);
    }
    int colon = rest.lastIndexOf(':');
    if (colon > rest.lastIndexOf('/')) {
      // Beside a digest kustomize takes no tag.
      if (at < 0) {
        entry.put("newTag", rest.substring(colon + 1));
      }
      rest = rest.substring(0, colon);
    }
    entry.put("name", equals < 0 ? rest : text.substring(0, equals));
    if (equals >= 0) {
      entry.put("newName", rest);
    }
    return entry;
  }

  private static void texts(@Nullable Object value, List<String> into) {
    switch (value) {
      case Map<?, ?> map -> map.values().forEach(each -> texts(each, into));
      case List<?> list -> list.forEach(each -> texts(each, into));
      case null -> {}
      default -> into.add(value.toString());
    }
  }

  /** A path of the tree without {@code ./}, {@code ..} and doubled slashes. */
  private static String tidy(String path) {
    List<String> parts = new ArrayList<>();
    for (String part : path.split("/", -1)) {
      if (part.equals("..") && !parts.isEmpty() && !parts.getLast().equals("..")) {
        parts.removeLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    return String.join("/", parts);
  }
}
