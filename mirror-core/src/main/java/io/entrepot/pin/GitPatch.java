package io.entrepot.pin;

import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A plan as {@code git apply} takes it. In a working tree of git files are named from its top,
 * which git reads so in every directory of it; elsewhere from a directory.
 */
public final class GitPatch {

  /** What git writes in quotes. */
  private static final Pattern UNUSUAL = Pattern.compile("[\\x00-\\x1f\\x7f\"\\\\]");

  private GitPatch() {}

  /**
   * The difference of all changed files; empty where nothing changes.
   *
   * @param directory where files outside of git are named from
   * @throws IOException if a file is not there any more
   */
  public static String of(PinPlan plan, Path directory) throws IOException {
    StringBuilder out = new StringBuilder();
    for (FilePlan file : plan.files()) {
      if (file.changes()) {
        String hunks = UnifiedDiff.hunks(file.before(), file.after());
        out.append(hunks.isEmpty() ? "" : header(name(file.path(), directory))).append(hunks);
      }
    }
    return out.toString();
  }

  private static String header(String name) {
    String old = quoted("a/" + name);
    String now = quoted("b/" + name);
    // A name with a blank in it ends with a tab, or what follows would be taken for a time.
    String end = name.indexOf(' ') >= 0 ? "\t\n" : "\n";
    return "diff --git " + old + " " + now + "\n--- " + old + end + "+++ " + now + end;
  }

  private static String name(Path path, Path directory) throws IOException {
    Path file = path.toRealPath();
    @Nullable Path top = WholeTree.repository(file);
    Path here = directory.toRealPath();
    Path from = top != null ? top : file.startsWith(here) ? here : file.getRoot();
    return from.relativize(file).toString().replace('\\', '/');
  }

  private static String quoted(String name) {
    if (!UNUSUAL.matcher(name).find()) {
      return name;
    }
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || c == 0x7f) {
        out.append("\\%03o".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }
}
