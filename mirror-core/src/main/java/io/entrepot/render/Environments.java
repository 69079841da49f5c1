package io.entrepot.render;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which targets a discovered application belongs to, by the names of the targets: an application
 * that names targets belongs to these, one that names another environment in the place where others
 * name targets belongs to none, and one that names nothing belongs to all.
 */
public final class Environments {

  private static final Set<String> SHARED =
      Set.of("base", "bases", "common", "shared", "all", "defaults", "default", "global");

  private final List<String> targets;
  private final Set<String> places = new HashSet<>();

  /** Knows the names of the targets. */
  public Environments(List<String> targets) {
    this.targets = targets;
  }

  /** Whether the name of a directory says that its content belongs to every environment. */
  static boolean isShared(String name) {
    return name.startsWith("_") || SHARED.contains(name.toLowerCase(Locale.ROOT));
  }

  /** Remembers in which directory of a path targets are named. */
  void learn(String path) {
    String[] parts = path.split("/", -1);
    for (int i = 0; i < parts.length; i++) {
      if (targets.contains(stem(parts[i]))) {
        places.add(place(parts, i));
      }
    }
  }

  /** The targets of a file by its path. */
  public List<String> ofPath(String path) {
    String[] parts = path.split("/", -1);
    Set<String> named = new TreeSet<>();
    boolean foreign = false;
    for (int i = 0; i < parts.length; i++) {
      String stem = stem(parts[i]);
      if (targets.contains(stem)) {
        named.add(stem);
      } else if (places.contains(place(parts, i)) && !isShared(stem)) {
        foreign = true;
      }
    }
    if (!named.isEmpty()) {
      return inOrder(named);
    }
    return foreign ? List.of() : targets;
  }

  /** The targets that words name exactly. */
  List<String> exactly(Iterable<String> words) {
    Set<String> named = new TreeSet<>();
    for (String word : words) {
      if (targets.contains(word)) {
        named.add(word);
      }
    }
    return inOrder(named);
  }

  /** The targets that stand in texts as a part between separators. */
  List<String> within(Iterable<String> texts) {
    Set<String> named = new TreeSet<>();
    for (String text : texts) {
      for (String target : targets) {
        if (standsIn(target, text)) {
          named.add(target);
        }
      }
    }
    return inOrder(named);
  }

  /** The targets named, as far as a place does not exclude them. */
  static List<String> inBoth(List<String> named, List<String> byPlace) {
    List<String> both = named.stream().filter(byPlace::contains).toList();
    return both.isEmpty() && byPlace.isEmpty() ? named : both;
  }

  /** The names of the targets. */
  public List<String> names() {
    return targets;
  }

  private List<String> inOrder(Set<String> named) {
    List<String> ordered = new ArrayList<>(targets);
    ordered.retainAll(named);
    return ordered;
  }

  private static boolean standsIn(String word, String text) {
    for (int at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
      int end = at + word.length();
      boolean starts = at == 0 || !Character.isLetterOrDigit(text.charAt(at - 1));
      boolean ends = end == text.length() || !Character.isLetterOrDigit(text.charAt(end));
      if (starts && ends) {
        return true;
      }
    }
    return false;
  }

  /** The way to a part: the same for siblings, and for directories apart from files. */
  private static String place(String[] parts, int index) {
    String before = String.join("/", List.of(parts).subList(0, index));
    return before + (index == parts.length - 1 ? "/file" : "/directory");
  }

  private static String stem(String part) {
    return part.replaceFirst("\\.(?:ya?ml|json)$", "");
  }
}
