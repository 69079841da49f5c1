package io.entrepot.sites;

import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceAlias;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceSequence;
import io.entrepot.yaml.SourceText;
import io.entrepot.yaml.UnreadableYamlException;
import io.entrepot.yaml.YamlScanner;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Walks through the nodes of a file and lets formats read them. One use.
 *
 * <p>Each node is read where it stands; what an alias stands for is read again where a key says
 * that it is an image. The YAML in a block scalar is walked as well.
 */
public final class SiteWalker {

  private static final int MAX_EMBEDDING = 5;

  private static final Pattern LOOKS_EMBEDDED =
      Pattern.compile("(?i)image|repository|oci://|@sha256:|repoURL");

  /** Keys under which people keep anchors and nothing else. */
  private static final Pattern HOLDER_KEY =
      Pattern.compile("(?:x-|_|\\.).*|(?i:anchors?|aliases|definitions|defaults|variables|common)");

  /** The label of Argo CD's own Secrets. */
  private static final String SECRET_TYPE = "argocd.argoproj.io/secret-type";

  /** What sops puts in the place of a value that it encrypts. */
  private static final String ENCRYPTED = "ENC[AES256_GCM,";

  /** What makes two sites the same. */
  private record Place(
      ScalarSite name,
      int from,
      int to,
      @Nullable SourceAlias alias,
      @Nullable ScalarSite tag,
      int tagFrom,
      int tagTo) {

    static Place of(ImageSite site) {
      Segment name = site.name();
      Segment tag = site.tag();
      return new Place(
          name.scalar(),
          name.from(),
          name.to(),
          name.alias(),
          tag == null ? null : tag.scalar(),
          tag == null ? 0 : tag.from(),
          tag == null ? 0 : tag.to());
    }
  }

  private final List<Format> formats;
  private final List<Format> watchedFormats;
  private final List<SiteRule> rules;
  private final List<ImageSite> sites = new ArrayList<>();
  private final Set<Place> places = new HashSet<>();
  private final List<Dismissal> dismissals = new ArrayList<>();
  private final List<SourceAlias> aliases = new ArrayList<>();
  private final Set<ScalarSite> definitions = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<SourceMapping> visited = Collections.newSetFromMap(new IdentityHashMap<>());
  private boolean comments;
  private boolean anchored;

  /**
   * @param formats in the order in which they read a node
   * @param watchedFormats the same for kinds whose images nothing pulls
   * @param rules what {@code pin.yaml} says
   */
  public SiteWalker(List<Format> formats, List<Format> watchedFormats, List<SiteRule> rules) {
    this.formats = formats;
    this.watchedFormats = watchedFormats;
    this.rules = rules;
  }

  /**
   * The sites of a file.
   *
   * @param fileName the last part of its path, which tells charts and kustomizations
   */
  public FileSites find(String fileName, List<SourceNode> documents) {
    if (!documents.isEmpty()) {
      String text = documents.getFirst().source().text();
      comments = text.contains("$imagepolicy") || text.contains("renovate:");
      anchored = text.indexOf('&') >= 0;
      for (int i = 0; i < documents.size(); i++) {
        SourceNode root = documents.get(i);
        document(root, SitePath.root(documentName(root, i)), fileName);
      }
    }
    return new FileSites(sites, dismissals, aliases, definitions);
  }

  private void document(SourceNode root, SitePath path, String fileName) {
    boolean chart = fileName.equals("Chart.yaml") || fileName.startsWith("requirements.y");
    if (anchored) {
      collectAliases(root, /* holder= */ false);
    }
    visit(
        root,
        SiteContext.of(
            new SiteContext.Document(
                DocumentKind.of(root, fileName), path, chart, rules, comments)));
  }

  /** Notes every alias, and the anchored scalars that stand where only anchors are kept. */
  private void collectAliases(SourceNode node, boolean holder) {
    switch (node) {
      case SourceAlias alias -> aliases.add(alias);
      case ScalarSite scalar -> {
        if (holder && scalar.anchor() != null) {
          definitions.add(scalar);
        }
      }
      case SourceSequence sequence -> sequence.items().forEach(i -> collectAliases(i, holder));
      case SourceMapping mapping -> {
        for (SourceMapping.Entry entry : mapping.entries()) {
          collectAliases(entry.value(), holder || HOLDER_KEY.matcher(entry.name()).matches());
        }
      }
    }
  }

  private static String documentName(SourceNode root, int index) {
    if (root instanceof SourceMapping mapping
        && mapping.get("metadata") instanceof SourceMapping meta) {
      String name = MapFields.text(meta, "name");
      if (!name.isEmpty()) {
        return "%s/%s/%s:"
            .formatted(MapFields.text(mapping, "kind"), MapFields.text(meta, "namespace"), name);
      }
    }
    return index + ":";
  }

  private void visit(SourceNode node, SiteContext context) {
    switch (node) {
      case SourceMapping mapping -> mapping(mapping, context);
      case SourceSequence sequence -> sequence(sequence, context);
      case SourceAlias alias -> {
        // What the alias stands for is judged where it is used: there its key says what it is.
        if (alias.target() instanceof SourceMapping target
            && target.entries().size() <= MapFields.MOST_FIELDS
            && ImageWords.imageParent(context.key())) {
          mapping(target, context);
        }
      }
      case ScalarSite _ -> {}
    }
  }

  private void mapping(SourceMapping mapping, SiteContext place) {
    SiteRule rule = place.rule();
    if (rule != null && rule.holds() == SiteRule.Holds.NOTHING) {
      dismiss(mapping.line(), place.path(), "pin.yaml says that nothing here is to be pinned");
      return;
    }
    if (isCredential(mapping)) {
      dismiss(mapping.line(), place.path(), "says where Argo CD's credentials belong");
      return;
    }
    SiteContext context = place.map(mapping, visited.contains(mapping));
    Set<SourceNode> taken = newSet();
    for (Format format : formats(context)) {
      accept(format.find(mapping, context), taken);
    }
    if (!visited.add(mapping)) {
      return;
    }
    for (SourceMapping.Entry entry : mapping.entries()) {
      SourceNode value = entry.value();
      SourceAlias alias = value instanceof SourceAlias through ? through : null;
      SiteContext inside = context.value(entry.name(), alias);
      if (isStatus(entry, mapping, context)) {
        dismiss(entry.key().line(), inside.path(), "what a controller reports, which nobody sets");
      } else if (SourceMapping.resolved(value) instanceof ScalarSite scalar) {
        if (!taken.contains(scalar)) {
          text(scalar, inside);
        }
      } else if (!taken.contains(value)) {
        visit(value, inside);
      }
    }
  }

  /** Whether this is a Secret of Argo CD for repositories or clusters, or a template of one. */
  private static boolean isCredential(SourceMapping mapping) {
    return mapping.get("metadata") instanceof SourceMapping metadata
        && metadata.get("labels") instanceof SourceMapping labels
        && labels.entry(SECRET_TYPE) != null;
  }

  private static boolean isStatus(
      SourceMapping.Entry entry, SourceMapping mapping, SiteContext context) {
    return entry.name().equals("status")
        && mapping.entry("apiVersion") != null
        && !context.document().kind().isUnknown()
        && context.path().equals(context.document().root());
  }

  private void sequence(SourceSequence sequence, SiteContext context) {
    Set<SourceNode> taken = newSet();
    for (Format format : formats(context)) {
      accept(format.find(sequence, context), taken);
    }
    boolean watched = context.document().kind().watches();
    ScalarSite before = null;
    for (int i = 0; i < sequence.items().size(); i++) {
      SourceNode written = sequence.items().get(i);
      SourceNode item = SiteContext.itemOf(written);
      SourceAlias alias = written instanceof SourceAlias through ? through : null;
      if (!taken.contains(item)) {
        SiteContext inside = context.item(i, item, alias, before);
        switch (item) {
          case ScalarSite scalar -> {
            if (!watched) {
              text(scalar, inside);
            }
          }
          case SourceMapping _, SourceSequence _ -> visit(item, inside);
          case SourceAlias _ -> {}
        }
      }
      before = written instanceof ScalarSite scalar ? scalar : null;
    }
  }

  private void text(ScalarSite scalar, SiteContext context) {
    boolean throughAlias = context.alias() != null && scalar.style() == ScalarSite.Style.LITERAL;
    if (throughAlias && scalar.value().length() > MapFields.LONGEST) {
      return;
    }
    boolean block = TextBlock.is(scalar);
    boolean tooLong = scalar.value().length() > MapFields.LONGEST && !block;
    if (tooLong
        || scalar.isEmpty()
        || scalar.value().isBlank()
        || scalar.value().startsWith(ENCRYPTED)) {
      return;
    }
    if (block && context.rule() == null) {
      // An alias of a block is the same block: it is read where it stands.
      if (throughAlias || !mayHoldImages(scalar) || embedded(scalar, context)) {
        return;
      }
    }
    for (Format format : formats(context)) {
      Claim claim = format.find(scalar, context);
      if (!claim.isEmpty()) {
        accept(claim, newSet());
        return;
      }
    }
  }

  private static boolean mayHoldImages(ScalarSite block) {
    return block.value().contains("=") || LOOKS_EMBEDDED.matcher(block.value()).find();
  }

  /** Walks the YAML of a block; false if it holds none. */
  private boolean embedded(ScalarSite scalar, SiteContext context) {
    SourceText inner = scalar.content();
    if (inner.depth() > MAX_EMBEDDING) {
      return false;
    }
    List<SourceNode> documents;
    try {
      documents = YamlScanner.scan(inner);
    } catch (UnreadableYamlException e) {
      if (scalar.value().contains("image:")) {
        dismiss(
            e.line(),
            context.path(),
            "the block is not YAML (line %d: %s)".formatted(e.line(), e.getMessage()));
      }
      return false;
    }
    if (documents.isEmpty() || documents.stream().anyMatch(d -> d instanceof ScalarSite)) {
      return false;
    }
    for (SourceNode document : documents) {
      Optional<ScalarSite> doubled = YamlScanner.doubledKey(document);
      if (doubled.isPresent()) {
        dismiss(
            doubled.get().line(),
            context.path(),
            "the block has the key '%s' twice".formatted(doubled.get().value()));
        return true;
      }
    }
    for (int i = 0; i < documents.size(); i++) {
      document(documents.get(i), context.path().inside(i), "");
    }
    return true;
  }

  private List<Format> formats(SiteContext context) {
    return context.document().kind().watches() ? watchedFormats : formats;
  }

  /** Keeps what a format claims, except what earlier ones of the same node have taken. */
  private void accept(Claim claim, Set<SourceNode> taken) {
    for (ImageSite site : claim.sites()) {
      Segment name = site.name();
      boolean takenBefore = name.alias() == null && taken.contains(name.scalar());
      if (!takenBefore && places.add(Place.of(site))) {
        sites.add(site);
      }
    }
    for (Dismissal dismissal : claim.dismissals()) {
      if (dismissal.about() == null || !taken.contains(dismissal.about())) {
        dismissals.add(dismissal);
      }
    }
    taken.addAll(claim.taken());
  }

  private static Set<SourceNode> newSet() {
    return Collections.newSetFromMap(new IdentityHashMap<>());
  }

  private void dismiss(int line, SitePath path, String why) {
    dismissals.add(new Dismissal(line, path, why, null));
  }
}
