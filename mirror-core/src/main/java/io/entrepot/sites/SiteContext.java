package io.entrepot.sites;

import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceAlias;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceSequence;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a node stands, as far as a format may ask. */
public final class SiteContext {

  /**
   * What holds for a whole document.
   *
   * @param kind of the object, or what stands for it; empty for other YAML
   * @param root the path of the document
   * @param chartFile whether this is a {@code Chart.yaml} or the like
   * @param rules what {@code pin.yaml} says
   * @param comments whether comments of Flux or Renovate stand in the file
   */
  public record Document(
      DocumentKind kind, SitePath root, boolean chartFile, List<SiteRule> rules, boolean comments) {

    /** Copies. */
    public Document {
      rules = List.copyOf(rules);
    }
  }

  private final Document document;
  private final SharedRegistries shared;
  private final SitePath path;
  private final String key;
  private final @Nullable SiteContext outer;
  private final @Nullable SourceMapping mapping;
  private final @Nullable SourceAlias alias;
  private final @Nullable ScalarSite before;
  private final boolean inList;
  private final boolean again;
  private @Nullable Boolean container;

  private SiteContext(
      Document document,
      SharedRegistries shared,
      SitePath path,
      String key,
      @Nullable SiteContext outer,
      @Nullable SourceMapping mapping,
      @Nullable SourceAlias alias,
      @Nullable ScalarSite before,
      boolean inList,
      boolean again) {
    this.document = document;
    this.shared = shared;
    this.path = path;
    this.key = key;
    this.outer = outer;
    this.mapping = mapping;
    this.alias = alias;
    this.before = before;
    this.inList = inList;
    this.again = again;
  }

  /** The root of a document. */
  static SiteContext of(Document document) {
    return new SiteContext(
        document,
        SharedRegistries.NONE,
        document.root(),
        "",
        null,
        null,
        null,
        null,
        /* inList= */ false,
        /* again= */ false);
  }

  /** The same place, now that it is known to be a map. */
  SiteContext map(SourceMapping held, boolean readBefore) {
    return new SiteContext(
        document, shared.within(held), path, key, outer, held, alias, null, inList, readBefore);
  }

  /** The value of a key of this map. */
  SiteContext value(String name, @Nullable SourceAlias through) {
    return new SiteContext(
        document,
        shared,
        path.key(name),
        name,
        this,
        null,
        through,
        null,
        /* inList= */ false,
        /* again= */ false);
  }

  /** An item of this list. */
  SiteContext item(
      int index, SourceNode item, @Nullable SourceAlias through, @Nullable ScalarSite previous) {
    return new SiteContext(
        document,
        shared,
        itemPath(index, item),
        key,
        this,
        null,
        through,
        previous,
        /* inList= */ true,
        /* again= */ false);
  }

  /** The path of an item of this list. */
  public SitePath itemPath(int index, SourceNode item) {
    String name = item instanceof SourceMapping map ? MapFields.text(map, "name") : "";
    return path.item(index, name);
  }

  /** The document around the node. */
  public Document document() {
    return document;
  }

  /** The path of the node. */
  public SitePath path() {
    return path;
  }

  /** The key whose value the node is; for an item the key of its list. */
  public String key() {
    return key;
  }

  /** The key of the map or list that holds the node. */
  public String outerKey() {
    return outer == null ? "" : outer.key;
  }

  /** The map whose key holds the node; null for items and roots. */
  public @Nullable SourceMapping holder() {
    return outer == null ? null : outer.mapping;
  }

  /** Whether the node is an item of a list. */
  public boolean inList() {
    return inList;
  }

  /** The alias through which the node is reached, or null. */
  public @Nullable SourceAlias alias() {
    return alias;
  }

  /** The text that stands before this one in its list, or null. */
  public @Nullable ScalarSite before() {
    return before;
  }

  /** Whether the map was read before, through another alias. */
  public boolean again() {
    return again;
  }

  /** What a chart's {@code global:} says here. */
  public SharedRegistries shared() {
    return shared;
  }

  /** The rule of {@code pin.yaml} for this place, or null. */
  public @Nullable SiteRule rule() {
    for (SiteRule rule : document.rules()) {
      if (rule.matches(path)) {
        return rule;
      }
    }
    return null;
  }

  /** Whether the key of a map, or {@code pin.yaml}, says that the map is an image. */
  public boolean isImage() {
    if (ImageWords.imageParent(key)) {
      return true;
    }
    SiteRule rule = rule();
    return rule != null && rule.holds() == SiteRule.Holds.IMAGE;
  }

  /** Whether the node is a value of a container, or of something that is run like one. */
  public boolean inContainer() {
    return outer != null && outer.mapping != null && outer.isContainer(outer.mapping);
  }

  private boolean isContainer(SourceMapping held) {
    if (container == null) {
      container =
          ImageWords.containerList(key)
              || held.entries().stream().anyMatch(entry -> ImageWords.containerKey(entry.name()))
              || path.outer().endsWith("services");
    }
    return container;
  }

  /**
   * What an alias stands for where that is small; an alias of a list stays one, as lists are read
   * where they stand.
   */
  public static SourceNode itemOf(SourceNode node) {
    return switch (SourceMapping.resolved(node)) {
      case SourceSequence _ when node instanceof SourceAlias -> node;
      case SourceMapping mapping
          when node instanceof SourceAlias && mapping.entries().size() > MapFields.MOST_FIELDS ->
          node;
      case SourceNode resolved -> resolved;
    };
  }
}
