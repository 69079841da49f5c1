package io.entrepot.sites;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Tag;
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
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds the image sites of one file by their shapes. One use. */
public final class SiteFinder {

  private static final int MAX_EMBEDDING = 5;

  private static final Pattern LOOKS_EMBEDDED =
      Pattern.compile("(?i)image|repository|oci://|@sha256:|repoURL");
  private static final Pattern IMAGE_FLAG =
      Pattern.compile("((?=[^= ]*image)--?[A-Za-z0-9.-]++[= ])(\\S+)", Pattern.CASE_INSENSITIVE);
  private static final Pattern BARE_IMAGE_FLAG =
      Pattern.compile("--?[A-Za-z0-9.-]*image", Pattern.CASE_INSENSITIVE);
  private static final Pattern ASSIGNMENT = Pattern.compile("([A-Za-z0-9_.-]+)=(\\S+)");
  private static final Pattern ASSIGNMENT_LINE =
      Pattern.compile("(?m)^[ \\t]*([A-Za-z0-9_.-]+)=(\\S+?)[ \\t]*$");
  private static final Pattern ENV_IMAGE =
      Pattern.compile("(?:.*_)?IMAGES?(?:_.*)?|.*IMAGE", Pattern.CASE_INSENSITIVE);

  /** GitLab's pipelines, in the place of an object's kind. */
  private static final String GITLAB = "GitLab CI";

  private static final Pattern GITLAB_FILE = Pattern.compile("(?:.*\\.)?gitlab-ci\\.ya?ml");
  private static final Pattern RANGE = Pattern.compile(".*[*<>=^~|, xX].*");

  /** Flux's setter: the policy, and which part of the image where it is not all of it. */
  private static final Pattern FLUX =
      Pattern.compile(
          "#\\s*\\{\\s*\"\\$imagepolicy\"\\s*:\\s*\"([^\":]+:[^\":]+)(?::(tag|name|digest))?\"");

  /** Renovate's hint on the line above: whose version follows. */
  private static final Pattern RENOVATE =
      Pattern.compile(
          "^(?>.*?#\\s*+renovate:\\s)(?>.*?datasource=docker\\s)(?>.*?(?:depName|packageName)=)([^\\s\"']+)");

  /** Keys under which people keep anchors and nothing else. */
  private static final Pattern HOLDER_KEY =
      Pattern.compile("(?:x-|_|\\.).*|(?i:anchors?|aliases|definitions|defaults|variables|common)");

  /** Kinds whose images are watched or checked, never pulled. */
  private static final Set<String> WATCHING_KINDS =
      Set.of(
          "ImageUpdater",
          "ImageDestinations",
          "ImageRepository",
          "ImagePolicy",
          "ImageUpdateAutomation",
          "ClusterImagePolicy",
          "ImageOverrides",
          "Sources",
          "ImageKeys");

  /** Keys beside {@code repository} that tell of a git repository. */
  private static final Set<String> GIT_KEYS =
      Set.of(
          "branch",
          "commit",
          "revision",
          "owner",
          "gitConfig",
          "defaultBranch",
          "sshKey",
          "git",
          "workflow");

  /** Keys under which an unmistakable reference is still not an image to pull. */
  private static final Set<String> NEVER_KEYS =
      Set.of(
          "url",
          "repourl",
          "repository",
          "from",
          "matchimage",
          "currentimage",
          "depname",
          "id",
          "imageid");

  /** Maps whose digest key no template of their chart reads (kube-prometheus-stack). */
  private static final Set<String> UNREAD_DIGEST = Set.of("crds.upgradeJob.image.busybox");

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

  /** Something that was looked at and is no site. */
  public record Dismissal(int line, SitePath path, String why) {}

  /** What a file holds. */
  public record Found(
      List<ImageSite> sites,
      List<Dismissal> dismissals,
      List<SourceAlias> aliases,
      Set<ScalarSite> definitions) {}

  private record Scope(
      String kind,
      SitePath root,
      boolean chartFile,
      @Nullable Segment overridingRegistry,
      @Nullable Segment fallbackRegistry,
      @Nullable Segment globalTag) {

    Scope within(SourceMapping mapping) {
      if (!(mapping.get("global") instanceof SourceMapping global)) {
        return this;
      }
      Segment over = field(global, "imageRegistry");
      Segment fallback =
          global.get("image") instanceof SourceMapping image ? field(image, "registry") : null;
      return new Scope(
          kind,
          root,
          chartFile,
          over == null || over.isEmpty() ? null : over,
          fallback == null || fallback.isEmpty() ? null : fallback,
          field(global, "imageTag"));
    }
  }

  private static final Scope NO_SCOPE = new Scope("", SitePath.root(""), false, null, null, null);

  private static final Pattern EXACT_VERSION = Pattern.compile("v?[0-9]+\\.[0-9]+\\.[0-9]+[-+].*");

  /** Longer values and keys are no references and say nothing. */
  private static final int LONGEST = 1024;

  /** Bigger maps are no image's. */
  private static final int MOST_FIELDS = 64;

  private final List<SiteRule> rules;
  private final List<ImageSite> sites = new ArrayList<>();
  private final Set<Place> places = new HashSet<>();
  private final Map<SourceMapping, Boolean> containers = new HashMap<>();
  private final List<Dismissal> dismissals = new ArrayList<>();
  private final List<SourceAlias> aliases = new ArrayList<>();
  private final Set<ScalarSite> definitions = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<ScalarSite> blocks = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<ScalarSite> assigned = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Map<ScalarSite, Boolean> severalValues = new HashMap<>();
  private boolean markers;
  private boolean anchored;
  private final Set<SourceMapping> visited = Collections.newSetFromMap(new IdentityHashMap<>());

  public SiteFinder(List<SiteRule> rules) {
    this.rules = rules;
  }

  /**
   * The sites of a file.
   *
   * @param fileName the last part of its path, which tells charts and kustomizations
   */
  public Found find(String fileName, List<SourceNode> documents) {
    if (documents.isEmpty()) {
      return new Found(sites, dismissals, aliases, definitions);
    }
    String text = documents.getFirst().source().text();
    markers = hasMarkers(text);
    anchored = text.indexOf('&') >= 0;
    for (int i = 0; i < documents.size(); i++) {
      document(documents.get(i), i, SitePath.root(documentName(documents.get(i), i)), fileName);
    }
    return new Found(sites, dismissals, aliases, definitions);
  }

  private static boolean hasMarkers(String text) {
    return text.contains("$imagepolicy") || text.contains("renovate:");
  }

  private void document(SourceNode root, int index, SitePath path, String fileName) {
    String kind = root instanceof SourceMapping mapping ? text(mapping, "kind") : "";
    if (kind.isEmpty() && fileName.toLowerCase(Locale.ROOT).startsWith("kustomization")) {
      kind = "Kustomization";
    }
    if (kind.isEmpty() && GITLAB_FILE.matcher(fileName).matches()) {
      kind = GITLAB;
    }
    boolean chart =
        fileName.equals("Chart.yaml") || fileName.startsWith("requirements.y") || index < 0;
    if (anchored) {
      collectAliases(root, false);
    }
    visit(root, path, "", new Scope(kind, path, chart, null, null, null));
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
      String name = text(meta, "name");
      if (!name.isEmpty()) {
        return "%s/%s/%s:".formatted(text(mapping, "kind"), text(meta, "namespace"), name);
      }
    }
    return index + ":";
  }

  private void visit(SourceNode node, SitePath path, String parentKey, Scope scope) {
    switch (node) {
      case SourceMapping mapping -> mapping(mapping, path, parentKey, scope);
      case SourceSequence sequence -> sequence(sequence, path, parentKey, scope);
      case SourceAlias alias -> {
        // What the alias stands for is judged where it is used: there its key says what it is.
        if (alias.target() instanceof SourceMapping target
            && target.entries().size() <= MOST_FIELDS
            && ImageWords.imageParent(parentKey)) {
          mapping(target, path, parentKey, scope);
        }
      }
      case ScalarSite _ -> {}
    }
  }

  private void mapping(SourceMapping mapping, SitePath path, String parentKey, Scope outer) {
    SiteRule rule = rule(path);
    if (rule != null && rule.holds() == SiteRule.Holds.NOTHING) {
      dismiss(mapping.line(), path, "pin.yaml says that nothing here is to be pinned");
      return;
    }
    Scope scope = outer.within(mapping);
    Set<ScalarSite> used = Collections.newSetFromMap(new IdentityHashMap<>());
    boolean watching = WATCHING_KINDS.contains(scope.kind());
    if (!watching) {
      charts(mapping, path, parentKey, scope, used);
      imageMap(mapping, path, parentKey, scope, rule, used);
      flatPairs(mapping, path, scope, used);
      environment(mapping, path, used);
      jsonPatch(mapping, path, used);
      if (scope.kind().equals(GITLAB) && parentKey.equals("services")) {
        wholeReference(mapping, path, used);
      }
    }
    if (!visited.add(mapping)) {
      return;
    }
    boolean object = mapping.entry("apiVersion") != null && !scope.kind().isEmpty();
    for (SourceMapping.Entry entry : mapping.entries()) {
      String key = entry.name();
      SitePath at = path.key(key);
      if (object && key.equals("status") && path.equals(scope.root())) {
        dismiss(entry.key().line(), at, "what a controller reports, which nobody sets");
        continue;
      }
      switch (entry.value()) {
        case ScalarSite scalar -> {
          if (!used.contains(scalar)) {
            string(key, scalar, null, mapping, at, parentKey, scope);
          }
        }
        case SourceAlias alias when alias.target() instanceof ScalarSite scalar -> {
          if (!used.contains(scalar)) {
            string(key, scalar, alias, mapping, at, parentKey, scope);
          }
        }
        default -> {
          if (watching || !template(entry, at)) {
            visit(entry.value(), at, key, scope);
          }
        }
      }
    }
  }

  /** A {@code {{ }}} without quotes is a map in a map to YAML. */
  private boolean template(SourceMapping.Entry entry, SitePath path) {
    if (ImageWords.imageKey(entry.name())
        && entry.value() instanceof SourceMapping outer
        && outer.flow()
        && outer.entries().size() == 1
        && outer.entries().getFirst().key() instanceof SourceMapping inner
        && inner.entries().size() == 1
        && inner.entries().getFirst().key() instanceof ScalarSite filled) {
      String written = "{{ " + filled.value() + " }}";
      add(part(Segment.whole(filled), path, read(written)));
      return true;
    }
    return false;
  }

  private void sequence(SourceSequence sequence, SitePath path, String parentKey, Scope scope) {
    boolean kustomize =
        parentKey.equals("images")
            && (path.endsWith("kustomize", "images")
                || ((scope.kind().equals("Kustomization") || scope.kind().equals("Component"))
                    && (path.isAt(scope.root(), "images")
                        || path.isAt(scope.root(), "spec", "images"))));
    Set<SourceNode> done = Collections.newSetFromMap(new IdentityHashMap<>());
    parameters(sequence, path, done);
    for (int i = 0; i < sequence.items().size(); i++) {
      SourceNode item = once(sequence.items().get(i));
      SitePath at = path.item(i, itemName(item));
      switch (item) {
        case SourceMapping entry when kustomize -> kustomizeEntry(entry, at);
        case SourceMapping entry when !done.contains(entry) -> visit(entry, at, parentKey, scope);
        case SourceSequence inner -> visit(inner, at, parentKey, scope);
        case ScalarSite scalar when kustomize -> kustomizeText(scalar, at);
        case ScalarSite scalar -> {
          ScalarSite before =
              i > 0 && sequence.items().get(i - 1) instanceof ScalarSite previous ? previous : null;
          listString(scalar, before, at, parentKey, scope);
        }
        default -> {}
      }
    }
  }

  /**
   * What an alias stands for where that is small; lists of lists are looked at where they stand.
   */
  private static SourceNode once(SourceNode node) {
    return switch (SourceMapping.resolved(node)) {
      case SourceSequence _ when node instanceof SourceAlias -> node;
      case SourceMapping mapping
          when node instanceof SourceAlias && mapping.entries().size() > MOST_FIELDS ->
          node;
      case SourceNode resolved -> resolved;
    };
  }

  // ---- strings -------------------------------------------------------------------------------

  private void string(
      String key,
      ScalarSite scalar,
      @Nullable SourceAlias alias,
      SourceMapping parent,
      SitePath path,
      String parentKey,
      Scope scope) {
    if (tooLong(scalar)) {
      return;
    }
    if (scalar.value().isBlank()) {
      return;
    }
    if (byRuleOrAsBlock(scalar, path)) {
      return;
    }
    String value = scalar.value().strip();
    boolean watching = WATCHING_KINDS.contains(scope.kind());
    boolean jobContainer = key.equals("container") && path.startsWith("jobs");
    if (key.equals("uses") && value.startsWith("docker://")) {
      int from = scalar.value().indexOf("docker://") + "docker://".length();
      text(Segment.part(scalar, from, scalar.value().length()), path);
      return;
    }
    if (!watching && marked(scalar, path)) {
      return;
    }
    if (!ImageWords.imageKey(key) && !jobContainer) {
      boolean oneOfImages = imageList(parentKey) && chosen(value) && !ImageWords.picture(value);
      if ((ImageWords.unmistakable(value) || oneOfImages)
          && !NEVER_KEYS.contains(key.toLowerCase(Locale.ROOT))
          && !watching) {
        reference(Layout.STRING, value, Segment.whole(scalar, alias), path);
      }
      return;
    }
    boolean inContainer = container(parent, path, parentKey);
    if (parentKey.equals("target") && scope.kind().equals("Kustomization")) {
      dismiss(scalar.line(), path, "a patch's target, which says what is patched");
      return;
    }
    if (parentKey.equals("destinations")) {
      dismiss(scalar.line(), path, "where a build is pushed to");
      return;
    }
    String why = notAnImage(key, value, inContainer || jobContainer, watching);
    if (why != null) {
      dismiss(scalar.line(), path, why);
      return;
    }
    Segment version = field(parent, "version");
    boolean bare =
        ImageWords.reference(value).filter(r -> r.tag() == null && r.digest() == null).isPresent();
    if (bare && version != null && !version.isEmpty() && !inContainer) {
      String joined =
          "no tag of its own: whoever reads this joins it with the version on line %d, and behind a digest that is no image"
              .formatted(version.line());
      Reading reading = new Reading.Unclear(LeftReason.NOT_WRITABLE, joined, value);
      add(part(Segment.whole(scalar, alias), path, reading));
      return;
    }
    reference(Layout.STRING, value, Segment.whole(scalar, alias), path);
  }

  /** Whether a comment of Flux or Renovate says what a value is; then it is taken for that. */
  private boolean marked(ScalarSite scalar, SitePath path) {
    if (!markers) {
      return false;
    }
    Segment segment = Segment.whole(scalar);
    String value = segment.text();
    Matcher flux = FLUX.matcher(segment.marker());
    Matcher renovate = RENOVATE.matcher(scalar.source().lineAbove(scalar.start()));
    boolean image = ImageWords.reference(value).filter(r -> r.tag() != null).isPresent();
    if (flux.find()) {
      if (flux.group(2) == null && image) {
        reference(Layout.STRING, value, segment, path);
        return true;
      }
      if (flux.group(2) != null && !image) {
        String why =
            "a part of an image: Flux writes it (ImagePolicy %s), the rest stands elsewhere"
                .formatted(flux.group(1));
        add(part(segment, path, new Reading.Unclear(LeftReason.NO_REPOSITORY, why, value)));
        return true;
      }
    }
    if (renovate.find()) {
      if (image && value.indexOf(':') > 0) {
        reference(Layout.STRING, value, segment, path);
        return true;
      }
      if (ImageWords.reference(renovate.group(1) + ":" + value).isPresent()) {
        String why = "a tag alone: Renovate's comment names the image, no field holds its digest";
        String written = renovate.group(1) + ":" + value;
        add(part(segment, path, new Reading.Unclear(LeftReason.NO_REPOSITORY, why, written)));
        return true;
      }
    }
    return false;
  }

  private static ImageSite part(Segment segment, SitePath path, Reading reading) {
    return new ImageSite(Layout.MAP, path, reading, null, segment, null, null, null);
  }

  /** Why a value under an image key is none, or null where it is one. */
  private static @Nullable String notAnImage(
      String key, String value, boolean container, boolean watching) {
    if (watching) {
      return "this kind watches or checks the image, nothing pulls it";
    }
    if (ImageWords.url(value)) {
      return "a URL";
    }
    if (ImageWords.picture(value)) {
      return "the name of a picture or disk image";
    }
    if (ImageWords.templated(value)) {
      boolean image = key.equals("image") || container || ImageWords.startsWithHost(value);
      return image ? null : "filled in by something else";
    }
    Optional<ImageReference> parsed = ImageWords.reference(value);
    if (parsed.isEmpty()) {
      boolean meant = value.contains("@sha256:") || (container && key.equals("image"));
      return meant ? null : "not an image reference";
    }
    ImageReference reference = parsed.get();
    if (reference.digest() != null || (reference.tag() != null && !ImageWords.address(value))) {
      return null;
    }
    if (reference.tag() != null) {
      return "an address with a port";
    }
    boolean exact = key.equals("image");
    if (ImageWords.startsWithHost(value)
        || (exact && value.contains("/"))
        || (exact && container)) {
      return null;
    }
    return "a bare word, which may be anything";
  }

  private boolean container(SourceMapping parent, SitePath path, String parentKey) {
    if (ImageWords.containerList(parentKey)
        || containers.computeIfAbsent(parent, SiteFinder::hasContainerKey)) {
      return true;
    }
    return path.outer().outer().endsWith("services");
  }

  private static boolean hasContainerKey(SourceMapping mapping) {
    return mapping.entries().stream().anyMatch(entry -> ImageWords.containerKey(entry.name()));
  }

  /** What a rule names is that, and YAML in a block scalar is read by itself. */
  private boolean byRuleOrAsBlock(ScalarSite scalar, SitePath path) {
    SiteRule rule = rule(path);
    if (rule != null) {
      byRule(rule, scalar, path);
    } else if (isBlock(scalar)) {
      block(scalar, path);
    } else {
      return false;
    }
    return true;
  }

  private void listString(
      ScalarSite scalar,
      @Nullable ScalarSite before,
      SitePath path,
      String parentKey,
      Scope scope) {
    if (tooLong(scalar)) {
      return;
    }
    String value = scalar.value();
    if (value.isBlank() || WATCHING_KINDS.contains(scope.kind())) {
      return;
    }
    if (byRuleOrAsBlock(scalar, path)) {
      return;
    }
    String stripped = value.strip();
    Matcher flag = IMAGE_FLAG.matcher(stripped);
    int shift = value.indexOf(stripped);
    if (flag.matches()) {
      if (acceptable(flag.group(2))) {
        text(Segment.part(scalar, shift + flag.start(2), shift + flag.end(2)), path);
      } else if (ImageWords.templated(flag.group(2))) {
        dismiss(scalar.line(), path, "filled in by something else");
      }
      return;
    }
    Matcher assignment = ASSIGNMENT.matcher(stripped);
    if (assignment.matches()) {
      boolean named = ENV_IMAGE.matcher(assignment.group(1)).matches();
      if (named ? acceptable(assignment.group(2)) : ImageWords.unmistakable(assignment.group(2))) {
        text(Segment.part(scalar, shift + assignment.start(2), shift + assignment.end(2)), path);
      }
      return;
    }
    boolean afterFlag = before != null && BARE_IMAGE_FLAG.matcher(before.value()).matches();
    boolean list =
        imageList(parentKey) || (scope.kind().equals(GITLAB) && parentKey.equals("services"));
    boolean taken =
        ImageWords.unmistakable(stripped)
            || ((afterFlag || list) && acceptable(stripped) && !ImageWords.picture(stripped));
    if (taken) {
      reference(Layout.STRING, stripped, Segment.whole(scalar), path);
    }
  }

  /** A value whose key says image: with tag or digest, or at least a registry. */
  private static boolean acceptable(String value) {
    return !ImageWords.url(value)
        && !ImageWords.address(value)
        && ImageWords.reference(value)
            .filter(r -> r.tag() != null || r.digest() != null || ImageWords.startsWithHost(value))
            .isPresent();
  }

  /** As the other, with tag or digest. */
  private static boolean chosen(String value) {
    return acceptable(value)
        && ImageWords.reference(value)
            .filter(r -> r.tag() != null || r.digest() != null)
            .isPresent();
  }

  private static boolean imageList(String key) {
    return key.toLowerCase(Locale.ROOT).endsWith("images");
  }

  private void environment(SourceMapping mapping, SitePath path, Set<ScalarSite> used) {
    String name = text(mapping, "name");
    Segment value = anyField(mapping, "value", new int[] {MOST_FIELDS});
    if (name.isEmpty() || name.length() > LONGEST || value == null || value.isEmpty()) {
      return;
    }
    ScalarSite scalar = value.scalar();
    if (isBlock(scalar)) {
      if (assigned.add(scalar)
          && assignmentLines(scalar, path.key("value"), ENV_IMAGE.matcher(name).matches())) {
        used.add(scalar);
      }
      return;
    }
    boolean named = ENV_IMAGE.matcher(name).matches() || ImageWords.imageKey(name);
    if (named
        && !tooLong(scalar)
        && acceptable(value.text())
        && !ImageWords.picture(value.text())) {
      used.add(scalar);
      reference(Layout.TEXT, value.text(), value, path.key("value"));
    }
  }

  private void jsonPatch(SourceMapping mapping, SitePath path, Set<ScalarSite> used) {
    String target = text(mapping, "path");
    Segment value = field(mapping, "value");
    if (text(mapping, "op").isEmpty() || value == null || !target.startsWith("/")) {
      return;
    }
    String last = target.substring(target.lastIndexOf('/') + 1);
    if (ImageWords.imageKey(last) && acceptable(value.text())) {
      used.add(value.scalar());
      reference(Layout.STRING, value.text(), value, path.key("value"));
    }
  }

  private boolean tooLong(ScalarSite scalar) {
    return scalar.value().length() > LONGEST && !isBlock(scalar);
  }

  /** Whether a literal block holds more than one plain value. */
  private boolean isBlock(ScalarSite scalar) {
    return scalar.style() == ScalarSite.Style.LITERAL
        && severalValues.computeIfAbsent(scalar, SiteFinder::severalValues);
  }

  private static boolean severalValues(ScalarSite scalar) {
    String value = scalar.value().strip();
    return (value.indexOf('\n') >= 0 || value.contains(": ") || value.contains("="));
  }

  private void block(ScalarSite scalar, SitePath path) {
    // An alias of a block is the same block: it is read where it stands first.
    if (!blocks.add(scalar)
        || (!LOOKS_EMBEDDED.matcher(scalar.value()).find() && !scalar.value().contains("="))) {
      return;
    }
    SourceText inner = YamlScanner.content(scalar);
    if (inner.depth() <= MAX_EMBEDDING && embedded(scalar, inner, path)) {
      return;
    }
    assignmentLines(scalar, path, false);
  }

  private boolean embedded(ScalarSite scalar, SourceText inner, SitePath path) {
    List<SourceNode> documents;
    try {
      documents = YamlScanner.scan(inner);
    } catch (UnreadableYamlException e) {
      if (scalar.value().contains("image:")) {
        dismiss(
            e.line(),
            path,
            "the block is not YAML (line %d: %s)".formatted(e.line(), e.getMessage()));
      }
      return false;
    }
    boolean structured =
        !documents.isEmpty() && documents.stream().noneMatch(d -> d instanceof ScalarSite);
    if (!structured) {
      return false;
    }
    for (SourceNode document : documents) {
      Optional<ScalarSite> doubled = YamlScanner.doubledKey(document);
      if (doubled.isPresent()) {
        dismiss(
            doubled.get().line(),
            path,
            "the block has the key '%s' twice".formatted(doubled.get().value()));
        return true;
      }
    }
    for (int i = 0; i < documents.size(); i++) {
      document(documents.get(i), i, path.inside(i), "");
    }
    return true;
  }

  /** Lines of {@code name=reference}; true if there was one. */
  private boolean assignmentLines(ScalarSite scalar, SitePath path, boolean named) {
    Matcher line = ASSIGNMENT_LINE.matcher(scalar.value());
    boolean any = false;
    while (line.find()) {
      if (line.group(1).length() > LONGEST || line.group(2).length() > LONGEST) {
        continue;
      }
      boolean image = named || ENV_IMAGE.matcher(line.group(1)).matches();
      if (image ? acceptable(line.group(2)) : ImageWords.unmistakable(line.group(2))) {
        text(Segment.part(scalar, line.start(2), line.end(2)), path.key(line.group(1)));
        any = true;
      }
    }
    return any;
  }

  private void text(Segment segment, SitePath path) {
    reference(Layout.TEXT, segment.text(), segment, path);
  }

  private void byRule(SiteRule rule, ScalarSite scalar, SitePath path) {
    switch (rule.holds()) {
      case NOTHING ->
          dismiss(scalar.line(), path, "pin.yaml says that nothing here is to be pinned");
      case IMAGE -> reference(Layout.STRING, scalar.value().strip(), Segment.whole(scalar), path);
      case CHART -> {
        int from = scalar.value().startsWith("oci://") ? "oci://".length() : 0;
        chart(
            null, Segment.part(scalar, from, scalar.value().length()), null, null, "", path, null);
      }
    }
  }

  private void reference(Layout layout, String value, Segment segment, SitePath path) {
    add(new ImageSite(layout, path, read(value), null, segment, null, null, null));
  }

  private static Reading read(String value) {
    if (ImageWords.templated(value)) {
      return new Reading.Unclear(LeftReason.TEMPLATED, "filled in by something else", value);
    }
    try {
      return new Reading.Image(ImageReference.parse(value));
    } catch (MalformedException e) {
      return new Reading.Unclear(LeftReason.NOT_A_REFERENCE, String.valueOf(e.getMessage()), value);
    }
  }

  // ---- maps ----------------------------------------------------------------------------------

  private void imageMap(
      SourceMapping mapping,
      SitePath path,
      String parentKey,
      Scope scope,
      @Nullable SiteRule rule,
      Set<ScalarSite> used) {
    boolean forced = rule != null && rule.holds() == SiteRule.Holds.IMAGE;
    boolean imageParent = ImageWords.imageParent(parentKey) || forced;
    Segment ref = field(mapping, "ref");
    Segment name = field(mapping, "repository");
    if (name == null && imageParent) {
      name = field(mapping, "repo");
    }
    if (name == null && ref != null && ImageWords.imageParent(parentKey)) {
      used.add(ref.scalar());
      if (!ref.isEmpty()) {
        reference(Layout.REF, ref.text(), ref, path.key("ref"));
      }
      return;
    }
    Segment tag = field(mapping, "tag");
    if (tag == null && imageParent) {
      tag = field(mapping, "version");
    }
    Segment digest = digestField(mapping);
    Segment registry = field(mapping, "registry");
    if (name == null && tag == null && digest == null && imageParent) {
      wholeReference(mapping, path, used);
    }
    if (name == null && imageParent && (tag != null || digest != null)) {
      Segment named = field(mapping, "name");
      if (named != null && !named.isEmpty()) {
        name = named;
      } else if (tag != null && !tag.isEmpty() && text(mapping, "image").isEmpty()) {
        used.add(tag.scalar());
        orphanedTag(mapping, tag, path);
        return;
      }
    }
    if (name == null) {
      splitImage(mapping, path, scope, used);
      return;
    }
    String why =
        notARepository(mapping, name, tag, digest, registry, imageParent, parentKey, scope);
    if (why != null) {
      if (!used.contains(name.scalar())) {
        dismiss(name.line(), path, why);
      }
      used.add(name.scalar());
      return;
    }
    Segment above = null;
    Segment overriding = scope.overridingRegistry();
    // One with a path is the prefix of a project's own images, not a registry that replaces others.
    boolean prefix = overriding != null && overriding.text().contains("/");
    boolean ownRegistry = registry != null && !registry.isEmpty();
    boolean replaced = overriding != null && !(prefix && ownRegistry);
    if (replaced) {
      above = overriding;
    } else if (registry == null || registry.isEmpty()) {
      above = ImageWords.startsWithHost(name.text()) ? null : scope.fallbackRegistry();
    }
    Segment effective = above == null ? registry : above;
    for (Segment segment : new @Nullable Segment[] {name, tag, digest, registry}) {
      if (segment != null) {
        used.add(segment.scalar());
      }
    }
    // A map's own registry wins over global.image.registry; where it has the key, that is written.
    boolean own = registry != null && !replaced;
    add(
        new ImageSite(
            Layout.MAP,
            path,
            readFields(effective, name, tag, digest, scope),
            own ? registry : effective,
            name,
            tag,
            digest,
            mapping,
            standing(scope, name, prefix && ownRegistry)));
  }

  /** {@code reference} of a pod's image volume, and {@code name} as GitLab's jobs have it. */
  private void wholeReference(SourceMapping mapping, SitePath path, Set<ScalarSite> used) {
    for (String key : List.of("reference", "name")) {
      Segment whole = field(mapping, key);
      if (whole != null && chosen(whole.text())) {
        used.add(whole.scalar());
        reference(Layout.REF, whole.text(), whole, path.key(key));
        return;
      }
    }
  }

  /** The registry further up that the chart may put before a name that has none. */
  private static @Nullable Segment standing(Scope scope, Segment name, boolean own) {
    if (own || ImageWords.startsWithHost(name.text())) {
      return null;
    }
    return scope.overridingRegistry() == null
        ? scope.fallbackRegistry()
        : scope.overridingRegistry();
  }

  private void orphanedTag(SourceMapping mapping, Segment tag, SitePath path) {
    if (mapping.entry("<<") == null) {
      Reading reading =
          new Reading.Unclear(
              LeftReason.NO_REPOSITORY, "a tag alone: the repository is the chart's", tag.text());
      add(new ImageSite(Layout.MAP, path, reading, null, tag, null, null, null));
    }
  }

  private static @Nullable String notARepository(
      SourceMapping mapping,
      Segment name,
      @Nullable Segment tag,
      @Nullable Segment digest,
      @Nullable Segment registry,
      boolean imageParent,
      String parentKey,
      Scope scope) {
    String value = name.text();
    if (value.isEmpty()) {
      return "an empty repository: the chart chooses the image";
    }
    if (ImageWords.url(value)) {
      return "a URL";
    }
    if (parentKey.equals("dependencies") || scope.chartFile()) {
      return "a chart's dependency";
    }
    boolean host = ImageWords.startsWithHost(value);
    if (imageParent) {
      return null;
    }
    for (String key : GIT_KEYS) {
      if (mapping.entry(key) != null) {
        return "a git repository (it has '%s' beside it)".formatted(key);
      }
    }
    if (value.startsWith("github.com/")
        || value.startsWith("gitlab.com/")
        || value.endsWith(".git")) {
      return "a git repository";
    }
    if (ImageWords.templated(value)) {
      return "filled in by something else";
    }
    if (ImageWords.reference(value).isEmpty()) {
      return "not a repository of images";
    }
    boolean fields = tag != null || digest != null || (registry != null && !registry.isEmpty());
    return fields || (host && ImageWords.knownRegistry(value))
        ? null
        : "nothing beside it tells of an image";
  }

  private Reading readFields(
      @Nullable Segment registry,
      Segment name,
      @Nullable Segment tag,
      @Nullable Segment digest,
      Scope scope) {
    String host = registry == null ? "" : registry.text();
    String full =
        host.isEmpty() || name.text().startsWith(host + "/")
            ? name.text()
            : ImageWords.withoutLastSlashes(host) + "/" + name.text();
    String tagText = tag == null ? "" : tag.text();
    String digestText = digest == null ? "" : digest.text();
    String written =
        full
            + (tagText.isEmpty() ? "" : ":" + tagText)
            + (digestText.isEmpty() || tagText.contains("@") ? "" : "@" + digestText);
    if (ImageWords.templated(full)
        || ImageWords.templated(tagText)
        || ImageWords.templated(digestText)) {
      return new Reading.Unclear(LeftReason.TEMPLATED, "filled in by something else", written);
    }
    try {
      ImageReference inName = ImageReference.parse(full);
      int at = tagText.indexOf('@');
      String plainTag = at < 0 ? tagText : tagText.substring(0, at);
      Digest pinned = at >= 0 ? Digest.parse(tagText.substring(at + 1)) : inName.digest();
      if (!digestText.isEmpty()) {
        pinned = Digest.parse(digestText.contains(":") ? digestText : "sha256:" + digestText);
      }
      Tag parsedTag = plainTag.isEmpty() ? inName.tag() : new Tag(plainTag);
      if (parsedTag == null && pinned == null) {
        Segment shared = scope.globalTag();
        String message =
            shared != null && !shared.isEmpty()
                ? "no tag of its own: global.imageTag on line %d is shared, and one field cannot hold several digests"
                    .formatted(shared.line())
                : "no tag: the chart chooses it";
        return new Reading.Unclear(LeftReason.EMPTY_TAG, message, written);
      }
      return new Reading.Image(new ImageReference(inName.repository(), parsedTag, pinned));
    } catch (MalformedException e) {
      return new Reading.Unclear(
          LeftReason.NOT_A_REFERENCE, String.valueOf(e.getMessage()), written);
    }
  }

  /** {@code image: name} with {@code tag:} beside it. */
  private void splitImage(SourceMapping mapping, SitePath path, Scope scope, Set<ScalarSite> used) {
    Segment image = field(mapping, "image");
    if (image == null || image.isEmpty() || ImageWords.url(image.text())) {
      return;
    }
    Segment tag = field(mapping, "tag");
    if (tag == null) {
      tag = field(mapping, "imageTag");
    }
    Segment digest = digestField(mapping);
    if (tag == null && digest == null) {
      return;
    }
    boolean whole =
        ImageWords.reference(image.text())
            .map(r -> r.tag() != null || r.digest() != null)
            .orElse(!ImageWords.templated(image.text()));
    if (whole) {
      return;
    }
    used.add(image.scalar());
    if (tag != null) {
      used.add(tag.scalar());
    }
    add(
        new ImageSite(
            Layout.SPLIT,
            path,
            readFields(null, image, tag, digest, scope),
            null,
            image,
            tag,
            digest,
            mapping));
  }

  /** {@code imageRepository}, {@code imageTag} and their like. */
  private void flatPairs(SourceMapping mapping, SitePath path, Scope scope, Set<ScalarSite> used) {
    for (SourceMapping.Entry entry : mapping.entries()) {
      String key = entry.name();
      String prefix;
      if (key.endsWith("Repository")) {
        prefix = key.substring(0, key.length() - "Repository".length());
      } else if (key.endsWith("Image") || key.equals("imageName")) {
        prefix = key.equals("imageName") ? "image" : key;
      } else {
        continue;
      }
      Segment name = field(mapping, key);
      Segment tag = field(mapping, prefix + "Tag");
      Segment digest = field(mapping, prefix + "Digest");
      Segment registry = field(mapping, prefix + "Registry");
      boolean repository = key.endsWith("Repository");
      boolean aboutImages = prefix.toLowerCase(Locale.ROOT).endsWith("image");
      if (name == null
          || name.isEmpty()
          || ImageWords.url(name.text())
          || prefix.startsWith("default")
          || (tag == null && digest == null && !(repository && aboutImages))
          || (!repository
              && ImageWords.reference(name.text())
                  .map(r -> r.tag() != null || r.digest() != null)
                  .orElse(true))
          || (!aboutImages && !ImageWords.startsWithHost(name.text()))) {
        continue;
      }
      used.add(name.scalar());
      for (Segment segment : new @Nullable Segment[] {tag, digest, registry}) {
        if (segment != null) {
          used.add(segment.scalar());
        }
      }
      add(
          new ImageSite(
              Layout.FLAT,
              path.key(key),
              readFields(registry, name, tag, digest, scope),
              registry,
              name,
              tag,
              digest,
              mapping));
    }
  }

  /** Argo CD's {@code helm.parameters}: names with dots, values beside them. */
  private void parameters(SourceSequence sequence, SitePath path, Set<SourceNode> done) {
    Map<String, Map<String, Segment>> groups = new LinkedHashMap<>();
    Map<String, SitePath> prefixes = new LinkedHashMap<>();
    for (int i = 0; i < sequence.items().size(); i++) {
      if (!(sequence.items().get(i) instanceof SourceMapping item)) {
        continue;
      }
      String name = text(item, "name");
      Segment value = field(item, "value");
      int dot = name.lastIndexOf('.');
      if (value == null || dot < 0 || item.entries().size() > 3) {
        continue;
      }
      String last = name.substring(dot + 1);
      String before = name.substring(0, dot);
      String parent = before.substring(before.lastIndexOf('.') + 1);
      if (ImageWords.imageParent(parent)
          && Set.of("registry", "repository", "tag", "digest", "sha", "ref").contains(last)) {
        groups.computeIfAbsent(before, _ -> new LinkedHashMap<>()).put(last, value);
        prefixes.putIfAbsent(before, path.item(i, name));
        done.add(item);
      } else if (ImageWords.imageKey(last) && acceptable(value.text())) {
        done.add(item);
        reference(Layout.STRING, value.text(), value, path.item(i, name).key("value"));
      }
    }
    Scope scope = NO_SCOPE;
    groups.forEach(
        (prefix, fields) -> {
          SitePath at = Objects.requireNonNull(prefixes.get(prefix));
          Segment ref = fields.get("ref");
          Segment name = fields.get("repository");
          if (ref != null && !ref.isEmpty()) {
            reference(Layout.REF, ref.text(), ref, at);
          } else if (name != null && !name.isEmpty()) {
            Segment digest =
                fields.containsKey("digest") ? fields.get("digest") : fields.get("sha");
            Segment registry = fields.get("registry");
            Segment tag = fields.get("tag");
            add(
                new ImageSite(
                    Layout.MAP,
                    at,
                    readFields(registry, name, tag, digest, scope),
                    registry,
                    name,
                    tag,
                    digest,
                    null));
          } else {
            fields.forEach((_, segment) -> dismiss(segment.line(), at, "no repository beside it"));
          }
        });
  }

  // ---- kustomize -----------------------------------------------------------------------------

  private void kustomizeEntry(SourceMapping entry, SitePath path) {
    Segment name = field(entry, "name");
    Segment newName = field(entry, "newName");
    Segment newTag = field(entry, "newTag");
    Segment digest = field(entry, "digest");
    if (name == null || name.isEmpty()) {
      return;
    }
    if (newName == null && newTag == null && digest == null) {
      dismiss(entry.line(), path, "an entry that changes nothing");
      return;
    }
    Segment image = newName == null || newName.isEmpty() ? name : newName;
    Scope scope = NO_SCOPE;
    Reading reading = readFields(null, image, newTag, digest, scope);
    if (entry.entry("newDigest") != null) {
      reading =
          new Reading.Unclear(
              LeftReason.NOT_WRITABLE,
              "kustomize knows no field newDigest: the digest belongs into 'digest'",
              reading.toString());
    }
    add(new ImageSite(Layout.KUSTOMIZE, path, reading, null, image, newTag, digest, entry));
  }

  /** {@code [old=]new[:tag][@digest]}. */
  private void kustomizeText(ScalarSite scalar, SitePath path) {
    String value = scalar.value().strip();
    int equals = value.indexOf('=');
    String image = value.substring(equals + 1);
    Reading reading = read(image);
    if (value.isEmpty()) {
      return;
    }
    add(
        new ImageSite(
            Layout.KUSTOMIZE_TEXT, path, reading, null, Segment.whole(scalar), null, null, null));
  }

  // ---- charts --------------------------------------------------------------------------------

  private void charts(
      SourceMapping mapping, SitePath path, String parentKey, Scope scope, Set<ScalarSite> used) {
    for (SourceMapping.Entry entry : mapping.entries()) {
      if (!(SourceMapping.resolved(entry.value()) instanceof ScalarSite scalar)) {
        continue;
      }
      String key = entry.name();
      if (scalar.value().length() > LONGEST) {
        continue;
      }
      String value = scalar.value().strip();
      boolean oci = value.startsWith("oci://") && value.length() > "oci://".length();
      boolean bare =
          key.equals("repoURL")
              && !ImageWords.url(value)
              && ImageWords.startsWithHost(value)
              && !value.endsWith(".git")
              && mapping.entry("chart") != null;
      if ((!oci && !bare) || scalar.value().length() != value.length()) {
        continue;
      }
      used.add(scalar);
      Segment address = Segment.part(scalar, oci ? "oci://".length() : 0, value.length());
      SitePath at = path.key(key);
      if (ImageWords.templated(value)) {
        dismiss(scalar.line(), at, "filled in by something else");
        continue;
      }
      if (scope.kind().equals("HelmRepository")) {
        add(
            new ImageSite(
                Layout.CHART,
                at,
                new Reading.ChartRegistry(value),
                null,
                address,
                null,
                null,
                null));
        continue;
      }
      Segment name = null;
      if (key.equals("repoURL")) {
        name = field(mapping, "chart");
      } else if ((key.equals("repository") && parentKey.equals("dependencies"))
          || (key.equals("repo") && parentKey.equals("helmCharts"))) {
        name = field(mapping, "name");
      }
      String version = "";
      Segment tag = null;
      Segment digest = null;
      if (mapping.get("ref") instanceof SourceMapping ref) {
        tag = field(ref, "tag");
        digest = field(ref, "digest");
        version = tag == null ? text(ref, "semver") : tag.text();
      } else {
        for (String candidate : List.of("targetRevision", "version", "tag")) {
          Segment found = field(mapping, candidate);
          if (found != null && version.isEmpty()) {
            version = found.text();
            tag = found;
          }
        }
      }
      boolean repeated =
          name != null && (address.text().endsWith("/" + name.text()) || name.isEmpty());
      if (name != null && !repeated) {
        used.add(name.scalar());
      }
      chart(name == null || repeated ? null : name, address, tag, digest, version, at, mapping);
    }
  }

  private void chart(
      @Nullable Segment chart,
      Segment address,
      @Nullable Segment tag,
      @Nullable Segment digest,
      String version,
      SitePath path,
      @Nullable SourceMapping mapping) {
    String full =
        ImageWords.withoutLastSlashes(address.text()) + (chart == null ? "" : "/" + chart.text());
    Reading reading;
    try {
      ImageReference parsed = ImageReference.parse(full);
      String stated = parsed.tag() == null ? version : parsed.tag().value();
      Digest pinned =
          digest == null || digest.isEmpty() ? parsed.digest() : Digest.parse(digest.text());
      reading = new Reading.Chart(parsed.repository(), stated.isEmpty() ? null : stated, pinned);
    } catch (MalformedException e) {
      reading =
          new Reading.Unclear(LeftReason.NOT_A_REFERENCE, String.valueOf(e.getMessage()), full);
    }
    add(
        chart == null
            ? new ImageSite(Layout.CHART, path, reading, null, address, tag, digest, mapping)
            : new ImageSite(Layout.CHART, path, reading, address, chart, tag, digest, mapping));
  }

  /** Whether a chart's version is a range and so names no one chart. */
  public static boolean range(String version) {
    return RANGE.matcher(version).matches() && !EXACT_VERSION.matcher(version).matches();
  }

  // ---- helpers -------------------------------------------------------------------------------

  private void add(ImageSite site) {
    if (places.add(Place.of(site))) {
      sites.add(site);
    }
  }

  private void dismiss(int line, SitePath path, String why) {
    dismissals.add(new Dismissal(line, path, why));
  }

  private @Nullable SiteRule rule(SitePath path) {
    if (rules.isEmpty()) {
      return null;
    }
    for (SiteRule rule : rules) {
      if (rule.matches(path.text())) {
        return rule;
      }
    }
    return null;
  }

  /** Whether no template of the chart reads the map's digest, as far as is known. */
  public static boolean digestUnread(String path) {
    int inner = path.lastIndexOf('|');
    String shown = path.substring(inner + 1);
    return UNREAD_DIGEST.stream()
        .anyMatch(known -> shown.equals(known) || shown.endsWith("." + known));
  }

  private static String itemName(SourceNode item) {
    return item instanceof SourceMapping mapping ? text(mapping, "name") : "";
  }

  private static @Nullable Segment digestField(SourceMapping mapping) {
    for (String key : List.of("digest", "sha", "sha256", "imageDigest")) {
      Segment segment = field(mapping, key);
      if (segment != null) {
        return segment;
      }
    }
    return null;
  }

  private static String text(SourceMapping mapping, String key) {
    Segment segment = field(mapping, key);
    return segment == null ? "" : segment.text();
  }

  /** The scalar of a key, through an alias or a merge where need be; null if it is too long. */
  private static @Nullable Segment field(SourceMapping mapping, String key) {
    Segment found = anyField(mapping, key, new int[] {MOST_FIELDS});
    return found == null || found.to() > LONGEST ? null : found;
  }

  /**
   * The same of any length.
   *
   * @param budget how many merged maps may still be looked into
   */
  private static @Nullable Segment anyField(SourceMapping mapping, String key, int[] budget) {
    SourceMapping.Entry entry = mapping.entry(key);
    if (entry != null) {
      return switch (entry.value()) {
        case ScalarSite scalar -> Segment.whole(scalar);
        case SourceAlias alias when alias.target() instanceof ScalarSite scalar ->
            Segment.whole(scalar, alias);
        default -> null;
      };
    }
    SourceMapping.Entry merge = mapping.entry("<<");
    if (merge == null) {
      return null;
    }
    SourceNode merged = SourceMapping.resolved(merge.value());
    List<SourceNode> bases = merged instanceof SourceSequence list ? list.items() : List.of(merged);
    for (SourceNode base : bases) {
      if (budget[0]-- <= 0) {
        return null;
      }
      if (SourceMapping.resolved(base) instanceof SourceMapping from) {
        Segment inherited = anyField(from, key, budget);
        if (inherited != null) {
          return inherited;
        }
      }
    }
    return null;
  }
}
