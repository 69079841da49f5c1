package io.entrepot.tests;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * One entry of {@code check-cases.yaml}: a change and what becomes of it.
 *
 * @param kind {@code breaks}, {@code passes} or {@code waived}
 * @param also other rules that the change breaks
 * @param allow entries that are added to {@code allow:} of check.yaml
 * @param may other rules that may speak or not
 * @param pods what the cluster edge runs, as JSON; empty where nothing says so
 */
record CheckCase(
    String rule,
    String kind,
    String name,
    boolean base,
    List<Edit> edits,
    List<String> also,
    List<String> may,
    String pods,
    List<Map<String, Object>> allow,
    Map<String, Object> finds) {

  /** A text in place of another, or more text where there is no other. */
  record Edit(String file, @Nullable String replace, String by) {}

  static List<CheckCase> all() throws IOException {
    Load load = new Load(LoadSettings.builder().setMaxAliasesForCollections(1000).build());
    Map<String, Object> rules =
        map(load.loadFromString(Files.readString(GitOpsTree.FIXTURES.resolve("check-cases.yaml"))));
    List<CheckCase> cases = new ArrayList<>();
    rules.forEach(
        (rule, kinds) ->
            map(kinds)
                .forEach(
                    (kind, list) ->
                        list(list).forEach(each -> cases.add(read(rule, kind, map(each))))));
    return cases;
  }

  private static CheckCase read(String rule, String kind, Map<String, Object> entry) {
    List<Edit> edits = new ArrayList<>();
    for (Object each : list(entry.get("edits"))) {
      Map<String, Object> edit = map(each);
      String file = String.valueOf(edit.get("file"));
      Object old = edit.get("replace");
      edits.add(
          old == null
              ? new Edit(file, null, String.valueOf(edit.get("add")))
              : new Edit(file, old.toString(), String.valueOf(edit.get("by"))));
    }
    List<Map<String, Object>> allow = new ArrayList<>();
    list(entry.get("allow")).forEach(each -> allow.add(map(each)));
    return new CheckCase(
        rule,
        kind,
        String.valueOf(entry.get("name")),
        Boolean.TRUE.equals(entry.get("base")),
        edits,
        list(entry.get("also")).stream().map(Object::toString).toList(),
        list(entry.get("may")).stream().map(Object::toString).toList(),
        entry.get("pods") == null ? "" : entry.get("pods").toString(),
        allow,
        entry.get("finds") == null ? Map.of() : map(entry.get("finds")));
  }

  /** Makes the change in a tree. */
  void apply(GitOpsTree tree, GitOpsTree.Images images) throws IOException, InterruptedException {
    StringBuilder waivers = new StringBuilder();
    for (Map<String, Object> waiver : allow) {
      String separator = "  - ";
      for (Map.Entry<String, Object> each : waiver.entrySet()) {
        waivers.append("%s%s: \"%s\"\n".formatted(separator, each.getKey(), each.getValue()));
        separator = "    ";
      }
    }
    tree.add("check.yaml", waivers.toString());
    if (!pods.isEmpty()) {
      tree.add("edge.json", images.real(pods));
    }
    if (base) {
      tree.commit();
    }
    for (Edit edit : edits) {
      String by = images.real(edit.by());
      if (edit.replace() == null) {
        tree.add(edit.file(), by);
      } else {
        tree.replace(edit.file(), images.real(edit.replace()), by);
      }
    }
  }

  /** Words that a finding's message or remedy must hold. */
  List<String> words() {
    return list(finds.get("words")).stream().map(Object::toString).toList();
  }

  @Nullable String find(String key) {
    Object value = finds.get(key);
    return value == null ? null : value.toString();
  }

  @Override
  public String toString() {
    return rule + " " + kind + ": " + name;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(@Nullable Object value) {
    return value == null ? Map.of() : (Map<String, Object>) value;
  }

  @SuppressWarnings("unchecked")
  private static List<Object> list(@Nullable Object value) {
    return value == null ? List.of() : (List<Object>) value;
  }
}
