package io.entrepot.render;

import io.entrepot.render.GoTemplate.TemplateException;
import io.entrepot.render.Sources.SourceFile;
import io.entrepot.text.Glob;
import io.entrepot.yaml.Nodes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What an ApplicationSet's generators give, as far as the tree alone can tell. */
final class Generators {

  private static final int MAX_ELEMENTS = 10_000;

  private final Sources sources;
  private final Repositories repositories;
  private final List<String> targets;
  private final boolean go;

  Generators(Sources sources, Repositories repositories, List<String> targets, boolean go) {
    this.sources = sources;
    this.repositories = repositories;
    this.targets = targets;
    this.go = go;
  }

  /**
   * The parameters of each application.
   *
   * @param before what an outer generator gave
   * @throws TemplateException naming what only a cluster or the network could tell
   */
  List<Map<String, @Nullable Object>> elements(
      @Nullable Object generator, Map<String, @Nullable Object> before)
      throws TemplateException, IOException {
    List<Map<String, @Nullable Object>> all = unselected(generator, before);
    Object selector = Plain.at(generator, "selector");
    if (selector == null) {
      return all;
    }
    if (Plain.map(generator).containsKey("clusters")) {
      throw new TemplateException("a selector of clusters asks for labels that only Argo CD knows");
    }
    List<Map<String, @Nullable Object>> selected = new ArrayList<>();
    for (Map<String, @Nullable Object> element : all) {
      if (selects(selector, element)) {
        selected.add(element);
      }
    }
    return selected;
  }

  /** Whether an element's parameters are what a selector asks of labels. */
  private static boolean selects(Object selector, Map<String, @Nullable Object> element)
      throws TemplateException {
    for (Map.Entry<String, @Nullable Object> label :
        Plain.map(selector, "matchLabels").entrySet()) {
      if (!String.valueOf(label.getValue()).equals(parameter(element, label.getKey()))) {
        return false;
      }
    }
    for (Object expression : Plain.list(selector, "matchExpressions")) {
      String given = parameter(element, String.valueOf(Plain.text(expression, "key")));
      boolean in = given != null && Plain.texts(expression, "values").contains(given);
      boolean holds =
          switch (String.valueOf(Plain.text(expression, "operator"))) {
            case "In" -> in;
            case "NotIn" -> !in;
            case "Exists" -> given != null;
            case "DoesNotExist" -> given == null;
            default -> throw new TemplateException("an operator of a selector is not understood");
          };
      if (!holds) {
        return false;
      }
    }
    return true;
  }

  private static @Nullable String parameter(Map<String, @Nullable Object> element, String name) {
    Object direct = element.get(name);
    Object found = direct == null ? Plain.at(element, name.split("\\.", -1)) : direct;
    return found == null ? null : found.toString();
  }

  private List<Map<String, @Nullable Object>> unselected(
      @Nullable Object generator, Map<String, @Nullable Object> before)
      throws TemplateException, IOException {
    Map<String, @Nullable Object> kinds = Plain.map(generator);
    if (kinds.get("list") != null) {
      return list(new GoTemplate(before, go).fill(kinds.get("list")));
    }
    if (kinds.get("git") != null) {
      return git(new GoTemplate(before, go).fill(kinds.get("git")));
    }
    if (kinds.get("matrix") != null) {
      return matrix(kinds.get("matrix"), before);
    }
    if (kinds.get("merge") != null) {
      return merge(kinds.get("merge"), before);
    }
    if (kinds.containsKey("clusters")) {
      return clusters(kinds.get("clusters"));
    }
    throw new TemplateException(
        "the generator %s asks something outside of the tree".formatted(kinds.keySet()));
  }

  private static List<Map<String, @Nullable Object>> list(@Nullable Object list)
      throws TemplateException {
    if (Plain.at(list, "elementsYaml") != null) {
      throw new TemplateException("elementsYaml is more than is understood here");
    }
    List<Map<String, @Nullable Object>> elements = new ArrayList<>();
    for (Object element : Plain.list(list, "elements")) {
      elements.add(Plain.map(element));
    }
    return elements;
  }

  private List<Map<String, @Nullable Object>> clusters(@Nullable Object clusters) {
    List<Map<String, @Nullable Object>> elements = new ArrayList<>();
    for (String target : targets) {
      Map<String, @Nullable Object> element = new LinkedHashMap<>();
      element.put("name", target);
      element.put("nameNormalized", GoTemplate.normalized(target));
      element.put("server", target);
      element.put("values", Plain.map(clusters, "values"));
      elements.add(element);
    }
    return elements;
  }

  private List<Map<String, @Nullable Object>> git(@Nullable Object git)
      throws TemplateException, IOException {
    String url = Plain.text(git, "repoURL");
    String base = url == null ? "" : repositories.base(url);
    if (base == null) {
      throw new TemplateException(
          "its generator asks the repository %s, which is not in this tree (name a local checkout of it under sources:)"
              .formatted(url));
    }
    List<Map<String, @Nullable Object>> elements = new ArrayList<>();
    String prefix = Plain.text(git, "pathParamPrefix");
    Map<String, @Nullable Object> values = Plain.map(git, "values");
    for (String directory : selected(git, "directories", base, sources::directories)) {
      Map<String, @Nullable Object> element = new LinkedHashMap<>();
      path(element, prefix, within(base, directory), null);
      element.put("values", values);
      elements.add(element);
    }
    for (String path : selected(git, "files", base, sources::matching)) {
      SourceFile file = sources.file(path);
      for (int i = 0; i < file.documents().size(); i++) {
        Object content = Nodes.plain(file.documents().get(i));
        List<?> contents = content instanceof List<?> several ? several : listOf(content);
        for (Object each : contents) {
          Map<String, @Nullable Object> element = Plain.map(each);
          path(element, prefix, within(base, TreePath.parent(path)), path);
          element.put("values", element.containsKey("values") ? element.get("values") : values);
          elements.add(element);
        }
      }
    }
    return elements;
  }

  /** Finds paths below the root of the tree by a glob. */
  private interface Finder {
    List<String> find(String glob) throws IOException;
  }

  /** What the items of a list include, without what others of them exclude; sorted. */
  private static SortedSet<String> selected(
      @Nullable Object git, String list, String base, Finder finder) throws IOException {
    SortedSet<String> selected = new TreeSet<>();
    List<Glob> excluded = new ArrayList<>();
    for (Object item : Plain.list(git, list)) {
      String path = Plain.text(item, "path");
      if (path == null) {
        continue;
      }
      String glob = TreePath.below(base, path);
      if (Plain.flag(item, "exclude")) {
        excluded.add(Glob.of(glob));
      } else {
        selected.addAll(finder.find(glob));
      }
    }
    selected.removeIf(path -> excluded.stream().anyMatch(glob -> glob.matches(path)));
    return selected;
  }

  /** A path as its repository has it. */
  private static String within(String base, String path) {
    return base.isEmpty() || !path.startsWith(base + "/")
        ? path
        : path.substring(base.length() + 1);
  }

  private static List<@Nullable Object> listOf(@Nullable Object value) {
    List<@Nullable Object> list = new ArrayList<>();
    list.add(value);
    return list;
  }

  private static void path(
      Map<String, @Nullable Object> element,
      @Nullable String prefix,
      String directory,
      @Nullable String file) {
    String base = directory.substring(directory.lastIndexOf('/') + 1);
    Map<String, @Nullable Object> path = new LinkedHashMap<>();
    path.put("path", directory);
    path.put("basename", base);
    path.put("basenameNormalized", GoTemplate.normalized(base));
    path.put("segments", List.of(directory.split("/", -1)));
    if (file != null) {
      String name = file.substring(file.lastIndexOf('/') + 1);
      path.put("filename", name);
      path.put("filenameNormalized", GoTemplate.normalized(name));
    }
    if (prefix == null) {
      element.put("path", path);
    } else {
      Map<String, @Nullable Object> outer = new LinkedHashMap<>();
      outer.put("path", path);
      element.put(prefix, outer);
    }
  }

  private List<Map<String, @Nullable Object>> matrix(
      @Nullable Object matrix, Map<String, @Nullable Object> before)
      throws TemplateException, IOException {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>(List.of(before));
    for (Object generator : Plain.list(matrix, "generators")) {
      List<Map<String, @Nullable Object>> next = new ArrayList<>();
      for (Map<String, @Nullable Object> row : rows) {
        for (Map<String, @Nullable Object> element : elements(generator, row)) {
          Map<String, @Nullable Object> joined = new LinkedHashMap<>(row);
          joined.putAll(element);
          next.add(joined);
        }
      }
      if (next.size() > MAX_ELEMENTS) {
        throw new TemplateException("more than %d applications".formatted(MAX_ELEMENTS));
      }
      rows = next;
    }
    return rows;
  }

  private List<Map<String, @Nullable Object>> merge(
      @Nullable Object merge, Map<String, @Nullable Object> before)
      throws TemplateException, IOException {
    List<String> keys = Plain.texts(merge, "mergeKeys");
    Map<List<String>, Map<String, @Nullable Object>> merged = new LinkedHashMap<>();
    boolean first = true;
    for (Object generator : Plain.list(merge, "generators")) {
      for (Map<String, @Nullable Object> element : elements(generator, before)) {
        List<String> key =
            keys.stream()
                .map(name -> String.valueOf(Plain.at(element, name.split("\\.", -1))))
                .toList();
        Map<String, @Nullable Object> known = merged.get(key);
        if (known != null) {
          known.putAll(element);
        } else if (first) {
          merged.put(key, new LinkedHashMap<>(element));
        }
      }
      first = false;
    }
    return List.copyOf(merged.values());
  }
}
