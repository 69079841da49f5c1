package io.entrepot.ca;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Adds a root to the tables of containerd's and BuildKit's files, and leaves every other line. */
final class TomlEdit {

  private TomlEdit() {}

  /** {@code hosts.toml} of one registry: a new one, or one that knows the root too. */
  static String hosts(Optional<String> present, String url, String ca) {
    if (present.isEmpty() || present.get().isBlank()) {
      return "server = \"%s\"\nca = \"%s\"\n".formatted(url, ca);
    }
    String text = present.get();
    List<String> lines = lines(text);
    int tables = first(lines, 0, TomlEdit::isTable);
    String edited =
        contains(lines, 0, tables, ca)
            ? text
            : inserted(lines, 0, tables, "ca = \"%s\"".formatted(ca), url + " in hosts.toml");
    return host(edited, url, ca);
  }

  /** A {@code hosts.toml} in which the registry is one of the hosts; as it is where it is none. */
  static String host(String text, String url, String ca) {
    List<String> lines = lines(text);
    String header = "[host.\"%s\"]".formatted(url);
    int table = first(lines, 0, line -> line.strip().startsWith(header));
    if (table == lines.size()) {
      return text;
    }
    int end = first(lines, table + 1, TomlEdit::isTable);
    return contains(lines, table, end, ca)
        ? text
        : inserted(lines, table + 1, end, "  ca = \"%s\"".formatted(ca), header);
  }

  /** {@code buildkitd.toml}: the registry's table, which is added where it is missing. */
  static String registry(String text, String authority, String ca) {
    List<String> lines = lines(text);
    String header = "[registry.\"%s\"]".formatted(authority);
    int table = first(lines, 0, line -> line.strip().startsWith(header));
    if (table == lines.size()) {
      String gap = text.isEmpty() || text.endsWith("\n") ? "" : "\n";
      return text + gap + "%s\n  ca = [\"%s\"]\n".formatted(header, ca);
    }
    int end = first(lines, table + 1, TomlEdit::isTable);
    return contains(lines, table, end, ca)
        ? text
        : inserted(lines, table + 1, end, "  ca = [\"%s\"]".formatted(ca), header);
  }

  private static String inserted(List<String> lines, int from, int to, String line, String where) {
    int other = first(lines.subList(0, to), from, each -> each.strip().matches("ca\\s*=.*"));
    if (other < to) {
      throw new CaException(
          "%s names another root already (%s); add ours to it: %s"
              .formatted(where, lines.get(other).strip(), line.strip()));
    }
    List<String> edited = new ArrayList<>(lines);
    edited.add(from, line);
    return String.join("\n", edited);
  }

  private static boolean contains(List<String> lines, int from, int to, String text) {
    return lines.subList(from, to).stream()
        .anyMatch(line -> !line.strip().startsWith("#") && line.contains("\"" + text + "\""));
  }

  private static int first(List<String> lines, int from, Predicate<String> wanted) {
    for (int i = from; i < lines.size(); i++) {
      if (wanted.test(lines.get(i))) {
        return i;
      }
    }
    return lines.size();
  }

  private static boolean isTable(String line) {
    return line.strip().startsWith("[");
  }

  private static List<String> lines(String text) {
    return Arrays.asList(text.split("\n", -1));
  }
}
