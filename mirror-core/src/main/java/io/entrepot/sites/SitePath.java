package io.entrepot.sites;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where in a document a node is. The text of a path is put together when it is asked for: most
 * nodes' paths never are.
 */
public final class SitePath {

  /** What a list item is called among the {@link #parts()} of a path. */
  static final String ITEM = "[]";

  /** Longer keys are cut in paths, in characters. */
  private static final int LONGEST_KEY = 200;

  /** Of a longer path only the beginning is kept, before the last part; in characters. */
  private static final int LONGEST = 1000;

  private enum Step {
    DOCUMENT,
    KEY,
    ITEM,
    BLOCK
  }

  private final @Nullable SitePath parent;
  private final String shown;
  private final String identified;
  private final Step step;
  private @Nullable String text;
  private @Nullable String identity;

  private SitePath(@Nullable SitePath parent, String shown, String identified, Step step) {
    this.parent = parent;
    this.shown = shown;
    this.identified = identified;
    this.step = step;
  }

  /**
   * The root of a document.
   *
   * @param document what tells it from the other documents of its file
   */
  public static SitePath root(String document) {
    return new SitePath(null, "", document, Step.DOCUMENT);
  }

  /** The value of a key; a key with a dot is shown in quotes. */
  public SitePath key(String name) {
    String cut = cut(name, LONGEST_KEY);
    String quoted = cut.contains(".") || cut.isEmpty() ? "\"" + cut + "\"" : cut;
    return new SitePath(this, quoted, "." + quoted, Step.KEY);
  }

  /**
   * An item of a list.
   *
   * @param index from 0
   * @param name what the item calls itself, or empty
   */
  public SitePath item(int index, String name) {
    String number = "[" + index + "]";
    return new SitePath(
        this, number, name.isEmpty() ? number : "[" + cut(name, LONGEST_KEY) + "]", Step.ITEM);
  }

  /** A document of the YAML in a block scalar, from 0. */
  SitePath inside(int document) {
    return new SitePath(this, document == 0 ? "|" : "|" + document, "|" + document, Step.BLOCK);
  }

  /** Keys joined by dots, list items by number. */
  public String text() {
    if (text == null) {
      String before = parent == null ? "" : cut(parent.text(), LONGEST);
      text = before + (step == Step.KEY && !before.isEmpty() ? "." : "") + shown;
    }
    return text;
  }

  /**
   * The same with documents and list items by name where they have one, so that two environments'
   * files can be compared.
   */
  public String identity() {
    if (identity == null) {
      identity = (parent == null ? "" : cut(parent.identity(), LONGEST)) + identified;
    }
    return identity;
  }

  private static String cut(String text, int most) {
    return text.length() <= most
        ? text
        : text.substring(0, most) + "…" + Integer.toHexString(text.hashCode());
  }

  /**
   * The keys that lead here from the root of the document, or of the block scalar whose YAML this
   * is in: as they are shown, {@link #ITEM} for an item of a list.
   */
  public List<String> parts() {
    List<String> parts = new ArrayList<>();
    SitePath here = this;
    while (here.parent != null && here.step != Step.BLOCK) {
      parts.add(here.step == Step.ITEM ? ITEM : here.shown);
      here = here.parent;
    }
    Collections.reverse(parts);
    return parts;
  }

  /** Whether this is a key below the root of {@code document}, which keys in turn lead to. */
  public boolean isAt(SitePath document, String... keys) {
    SitePath here = above(keys);
    return here != null && here.equals(document);
  }

  /** Whether the last keys are these. */
  public boolean endsWith(String... keys) {
    return above(keys) != null;
  }

  /** The path above these keys, or null where others lead here. */
  private @Nullable SitePath above(String... keys) {
    SitePath here = this;
    for (int i = keys.length - 1; i >= 0; i--) {
      if (here.step != Step.KEY || here.parent == null || !here.shown.equals(keys[i])) {
        return null;
      }
      here = here.parent;
    }
    return here;
  }

  /** Whether the first key of the file is this one. */
  public boolean startsWith(String first) {
    SitePath here = this;
    while (here.parent != null && here.parent.parent != null) {
      here = here.parent;
    }
    return here.step == Step.KEY && here.shown.equals(first);
  }

  /** The path of what this is a part of; a root's is its own. */
  public SitePath outer() {
    return parent == null ? this : parent;
  }

  @Override
  public String toString() {
    return text();
  }
}
