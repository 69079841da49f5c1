package io.entrepot.sites;

import org.jspecify.annotations.Nullable;

/**
 * Where in a document a node is. Most nodes' paths are never asked for: they are put together when
 * they are.
 */
public final class SitePath {

  /** Longer keys are cut in paths; nobody reads them. */
  private static final int LONGEST_KEY = 200;

  /** Of a longer path only the beginning is kept, before the last part. */
  private static final int LONGEST = 1000;

  private final @Nullable SitePath parent;
  private final String shown;
  private final String identified;
  private final boolean key;
  private @Nullable String text;
  private @Nullable String identity;

  private SitePath(@Nullable SitePath parent, String shown, String identified, boolean key) {
    this.parent = parent;
    this.shown = shown;
    this.identified = identified;
    this.key = key;
  }

  public static SitePath root(String document) {
    return new SitePath(null, "", document, false);
  }

  public SitePath key(String name) {
    String cut = cut(name, LONGEST_KEY);
    String quoted = cut.contains(".") || cut.isEmpty() ? "\"" + cut + "\"" : cut;
    return new SitePath(this, quoted, "." + quoted, true);
  }

  public SitePath item(int index, String name) {
    String number = "[" + index + "]";
    return new SitePath(
        this, number, name.isEmpty() ? number : "[" + cut(name, LONGEST_KEY) + "]", false);
  }

  /** Inside the YAML of a block scalar. */
  public SitePath inside(int document) {
    return new SitePath(this, document == 0 ? "|" : "|" + document, "|" + document, false);
  }

  /** Keys joined by dots, list items by number. */
  public String text() {
    if (text == null) {
      String before = parent == null ? "" : cut(parent.text(), LONGEST);
      text = before + (key && !before.isEmpty() ? "." : "") + shown;
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

  /** Whether this is a key below the root of {@code document}, which keys in turn lead to. */
  public boolean isAt(SitePath document, String... keys) {
    SitePath here = this;
    for (int i = keys.length - 1; i >= 0; i--) {
      if (!here.key || here.parent == null || !here.shown.equals(keys[i])) {
        return false;
      }
      here = here.parent;
    }
    return here.equals(document);
  }

  /** Whether the last keys are these. */
  public boolean endsWith(String... keys) {
    SitePath here = this;
    for (int i = keys.length - 1; i >= 0; i--) {
      if (!here.key || here.parent == null || !here.shown.equals(keys[i])) {
        return false;
      }
      here = here.parent;
    }
    return true;
  }

  /** Whether the first key of the file is this one. */
  public boolean startsWith(String first) {
    SitePath here = this;
    while (here.parent != null && here.parent.parent != null) {
      here = here.parent;
    }
    return here.key && here.shown.equals(first);
  }

  /** The path of what this is a part of. */
  public SitePath outer() {
    return parent == null ? this : parent;
  }

  @Override
  public String toString() {
    return text();
  }
}
