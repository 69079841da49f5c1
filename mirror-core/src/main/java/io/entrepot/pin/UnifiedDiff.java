package io.entrepot.pin;

import java.util.ArrayList;
import java.util.List;

/** The difference of two texts as {@code patch} reads it. */
final class UnifiedDiff {

  private static final int CONTEXT = 3;
  private static final int SEARCH = 64;

  private record Change(int oldStart, int oldEnd, int newStart, int newEnd) {}

  private UnifiedDiff() {}

  /** The places that differ, without the names of files; empty where nothing does. */
  static String hunks(String before, String after) {
    List<String> old = lines(before);
    List<String> now = lines(after);
    List<Change> changes = changes(old, now);
    StringBuilder out = new StringBuilder();
    int first = 0;
    while (first < changes.size()) {
      int last = first;
      while (last + 1 < changes.size()
          && changes.get(last + 1).oldStart - changes.get(last).oldEnd <= 2 * CONTEXT) {
        last++;
      }
      hunk(out, old, now, changes.subList(first, last + 1));
      first = last + 1;
    }
    return out.toString();
  }

  private static void hunk(
      StringBuilder out, List<String> old, List<String> now, List<Change> changes) {
    int oldStart = Math.max(0, changes.getFirst().oldStart - CONTEXT);
    int newStart = changes.getFirst().newStart - (changes.getFirst().oldStart - oldStart);
    int oldEnd = Math.min(old.size(), changes.getLast().oldEnd + CONTEXT);
    int newEnd = changes.getLast().newEnd + (oldEnd - changes.getLast().oldEnd);
    out.append(
        "@@ -%s +%s @@%n"
            .formatted(range(oldStart, oldEnd), range(newStart, newEnd))
            .replace(System.lineSeparator(), "\n"));
    int at = oldStart;
    for (Change change : changes) {
      append(out, ' ', old.subList(at, change.oldStart));
      append(out, '-', old.subList(change.oldStart, change.oldEnd));
      append(out, '+', now.subList(change.newStart, change.newEnd));
      at = change.oldEnd;
    }
    append(out, ' ', old.subList(at, oldEnd));
  }

  private static String range(int start, int end) {
    int count = end - start;
    return (count == 0 ? start : start + 1) + (count == 1 ? "" : "," + count);
  }

  private static void append(StringBuilder out, char sign, List<String> lines) {
    for (String line : lines) {
      out.append(sign).append(line);
      if (!line.endsWith("\n")) {
        out.append("\n\\ No newline at end of file\n");
      }
    }
  }

  private static List<Change> changes(List<String> old, List<String> now) {
    List<Change> changes = new ArrayList<>();
    int i = 0;
    int j = 0;
    while (i < old.size() || j < now.size()) {
      if (i < old.size() && j < now.size() && old.get(i).equals(now.get(j))) {
        i++;
        j++;
        continue;
      }
      int[] next = nextCommon(old, now, i, j);
      changes.add(new Change(i, next[0], j, next[1]));
      i = next[0];
      j = next[1];
    }
    return changes;
  }

  /** The nearest pair of equal lines, or both ends. */
  private static int[] nextCommon(List<String> old, List<String> now, int i, int j) {
    for (int distance = 1; distance <= 2 * SEARCH; distance++) {
      for (int a = 0; a <= distance; a++) {
        int x = i + a;
        int y = j + distance - a;
        if (x < old.size()
            && y < now.size()
            && old.get(x).equals(now.get(y))
            && settled(old, now, x, y)) {
          return new int[] {x, y};
        }
      }
    }
    return new int[] {old.size(), now.size()};
  }

  /** Two equal lines in a row, lest a blank line be taken for the end of a change. */
  private static boolean settled(List<String> old, List<String> now, int x, int y) {
    boolean end = x + 1 >= old.size() && y + 1 >= now.size();
    return end
        || !old.get(x).isBlank()
        || (x + 1 < old.size() && y + 1 < now.size() && old.get(x + 1).equals(now.get(y + 1)));
  }

  private static List<String> lines(String text) {
    List<String> lines = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int end = text.indexOf('\n', at);
      int next = end < 0 ? text.length() : end + 1;
      lines.add(text.substring(at, next));
      at = next;
    }
    return lines;
  }
}
