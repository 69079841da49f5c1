package io.entrepot.mirror;

import io.entrepot.config.RegistriesReader;
import io.entrepot.config.SpecLoader;
import io.entrepot.mirror.MirrorEntry.Assembly;
import io.entrepot.mirror.MirrorEntry.Compose;
import io.entrepot.mirror.MirrorEntry.ImageCopy;
import io.entrepot.mirror.MirrorEntry.TagSelection;
import io.entrepot.mirror.charts.ChartEntry;
import io.entrepot.mirror.compose.Composition;
import io.entrepot.mirror.compose.CompositionReader;
import io.entrepot.notify.NotifyReader;
import io.entrepot.notify.Sink;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.NamingRule;
import io.entrepot.registry.Upstream;
import io.entrepot.yaml.ConfigException;
import io.entrepot.yaml.YamlDocument;
import io.entrepot.yaml.YamlValue;
import io.entrepot.yaml.YamlValue.YamlProperties;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Turns a {@code mirror.yaml} into what it asks for. */
public final class MirrorSpecReader {

  private static final List<Platform> USUAL_PLATFORMS =
      List.of(Platform.parse("linux/amd64"), Platform.parse("linux/arm64"));

  private final YamlDocument document;
  private final Path directory;
  private final NotifyReader notify;
  private final List<MirrorEntry> entries = new ArrayList<>();
  private final Map<ImageReference, Integer> targets = new HashMap<>();
  private final Map<Repository, TagSelection> selections = new HashMap<>();

  private @Nullable Repository target;
  private NamingRule naming = NamingRule.FLAT;
  private List<Platform> platforms = USUAL_PLATFORMS;
  private boolean referrers = true;
  private boolean retain = true;
  private boolean quiet = true;

  MirrorSpecReader(YamlDocument document, Path directory) {
    this(document, directory, new NotifyReader(name -> null));
  }

  private MirrorSpecReader(YamlDocument document, Path directory, NotifyReader notify) {
    this.document = document;
    this.directory = directory;
    this.notify = notify;
  }

  /**
   * Loads a {@code mirror.yaml}.
   *
   * @throws ConfigException with everything that is wrong with it
   */
  public static MirrorSettings load(SpecLoader loader, Path file) {
    return loader.load(
        file,
        (document, directory) ->
            new MirrorSpecReader(document, directory, new NotifyReader(loader.environment()))
                .read());
  }

  MirrorSettings read() {
    YamlProperties file =
        document
            .root()
            .properties(
                "target",
                "naming",
                "platforms",
                "referrers",
                "retain",
                "quiet",
                "prune",
                "registries",
                "charts",
                "notify",
                "images");
    target = file.find("target").flatMap(value -> value.parsed(MirrorValues::prefix)).orElse(null);
    naming = file.find("naming").flatMap(value -> value.parsed(MirrorValues::rule)).orElse(naming);
    platforms = file.find("platforms").map(MirrorValues::platforms).orElse(platforms);
    referrers = flag(file, "referrers", referrers);
    retain = flag(file, "retain", retain);
    quiet = flag(file, "quiet", quiet);
    SortedMap<RegistryName, Upstream> registries =
        file.find("registries")
            .map(value -> new RegistriesReader(directory).read(value))
            .orElseGet(TreeMap::new);
    List<ChartEntry> charts =
        file.find("charts")
            .map(value -> new ChartEntryReader(directory, Optional.ofNullable(target)).read(value))
            .orElse(List.of());
    (file.has("charts") ? file.find("images") : file.require("images")).ifPresent(this::readImages);
    List<String> keep = new ArrayList<>();
    file.find("prune")
        .flatMap(value -> value.properties("keep").find("keep"))
        .ifPresent(value -> value.items().forEach(item -> item.text().ifPresent(keep::add)));
    List<Sink> sinks = file.find("notify").map(notify::read).orElse(List.of());
    document.finish();
    CopyPolicy image = new CopyPolicy(platforms, false, referrers, retain, quiet, null);
    CopyPolicy artifact = new CopyPolicy(List.of(), true, referrers, retain, quiet, null);
    return new MirrorSettings(
        new MirrorSpec(entries),
        registries,
        new ImageDefaults(Optional.ofNullable(target), naming, image, artifact),
        charts,
        keep,
        sinks);
  }

  private void readImages(YamlValue images) {
    List<YamlValue> items = images.items();
    if (images.isSequence() && items.isEmpty()) {
      images.problem("is empty; nothing to mirror");
    }
    for (YamlValue item : items) {
      if (item.isScalar()) {
        readPlain(item);
      } else {
        readEntry(item);
      }
    }
  }

  private void readPlain(YamlValue item) {
    CopyPolicy policy = new CopyPolicy(platforms, false, referrers, retain, quiet, null);
    item.parsed(ImageReference::parse)
        .ifPresent(source -> addCopy(item, source.orLatest(), null, null, policy));
  }

  private void readEntry(YamlValue item) {
    if (!item.isMapping()) {
      item.problem("expected an image or a mapping, found a list");
      return;
    }
    YamlProperties entry =
        item.properties(
            "source",
            "artifact",
            "assemble",
            "compose",
            "as",
            "target",
            "tags",
            "platforms",
            "reason",
            "referrers",
            "retain",
            "quiet");
    List<String> kinds =
        List.of("source", "artifact", "assemble", "compose").stream().filter(entry::has).toList();
    if (kinds.size() != 1) {
      item.problem(
          kinds.isEmpty()
              ? "says no source; give source:, artifact:, assemble: or compose:"
              : "has %s; only one of them can be".formatted(String.join(" and ", kinds)));
      return;
    }
    if (entry.has("as") && entry.has("target")) {
      entry.find("as").ifPresent(value -> value.problem("cannot be given with target"));
      return;
    }
    switch (kinds.getFirst()) {
      case "assemble" -> readAssembly(entry);
      case "compose" -> readComposition(entry);
      case "artifact" -> readSource(entry, "artifact", artifactPolicy(entry));
      default -> readSource(entry, "source", imagePolicy(entry));
    }
  }

  private void readSource(YamlProperties entry, String kind, CopyPolicy policy) {
    YamlValue given = entry.find(kind).orElseThrow();
    ImageReference source = given.parsed(ImageReference::parse).orElse(null);
    YamlValue tags = entry.find("tags").orElse(null);
    ImageReference explicit = MirrorValues.explicitTarget(entry);
    Repository named = namedTarget(entry);
    if (source == null
        || (explicit == null && entry.has("target"))
        || (named == null && entry.has("as"))) {
      return;
    }
    if (tags == null) {
      addCopy(given, source.orLatest(), explicit, named, policy);
      return;
    }
    if (source.tag() != null || source.digest() != null) {
      given.problem(
          "has a %s already, and tags besides".formatted(source.tag() == null ? "digest" : "tag"));
      return;
    }
    if (explicit != null && explicit.tag() != null) {
      entry
          .find("target")
          .ifPresent(value -> value.problem("has a tag; with tags each copy keeps its own"));
      return;
    }
    if (tags.isSequence()) {
      readTagList(source, explicit, named, tags, policy);
    } else {
      readTagFilter(given, source, explicit, named, tags, policy);
    }
  }

  private void readTagList(
      ImageReference source,
      @Nullable ImageReference explicit,
      @Nullable Repository named,
      YamlValue tags,
      CopyPolicy policy) {
    List<YamlValue> items = tags.items();
    if (items.isEmpty()) {
      tags.problem("is empty");
    }
    for (YamlValue item : items) {
      item.parsed(Tag::new)
          .ifPresent(
              tag -> addCopy(item, source.repository().tagged(tag), explicit, named, policy));
    }
  }

  private void readTagFilter(
      YamlValue given,
      ImageReference source,
      @Nullable ImageReference explicit,
      @Nullable Repository named,
      YamlValue tags,
      CopyPolicy policy) {
    TagFilter filter = MirrorValues.filter(tags);
    Repository repository =
        explicit != null ? explicit.repository() : targetRepository(given, source, named);
    if (repository == null || insideTarget(given, source.repository(), repository)) {
      return;
    }
    TagSelection selection =
        new TagSelection(source.repository(), repository, filter, policy, given.where());
    TagSelection former = selections.putIfAbsent(repository, selection);
    if (former != null && !former.source().equals(selection.source())) {
      given.problem(
          "ends at the same target %s as the entry at %s".formatted(repository, former.where()));
    }
    entries.add(selection);
  }

  private void readComposition(YamlProperties entry) {
    YamlValue compose = entry.find("compose").orElseThrow();
    forbid(entry, "as", "compose takes target");
    forbid(entry, "tags", "compose names its tags itself");
    forbid(entry, "referrers", "what is attached to the base is not about a composed image");
    CopyPolicy of = imagePolicy(entry);
    CopyPolicy policy =
        new CopyPolicy(of.platforms(), false, false, of.retain(), of.quiet(), of.waiver());
    ImageReference explicit = MirrorValues.explicitTarget(entry);
    if (!entry.has("target") || (explicit != null && explicit.tag() == null)) {
      compose.problem("needs a target with a tag");
    }
    Optional<Composition> composition = new CompositionReader(directory).read(compose);
    if (composition.isPresent() && explicit != null && explicit.tag() != null) {
      claim(compose, explicit);
      entries.add(new Compose(composition.get(), explicit, policy, compose.where()));
    }
  }

  private void readAssembly(YamlProperties entry) {
    YamlValue assemble = entry.find("assemble").orElseThrow();
    forbid(entry, "as", "assemble takes target");
    forbid(entry, "tags", "assemble names its tags itself");
    CopyPolicy policy = imagePolicy(entry);
    SortedMap<Platform, ImageReference> parts = new TreeMap<>();
    ImageReference explicit = MirrorValues.explicitTarget(entry);
    if (!entry.has("target")) {
      assemble.problem("needs a target with a tag");
    } else if (explicit != null && explicit.tag() == null) {
      entry.find("target").ifPresent(value -> value.problem("needs a tag"));
    }
    assemble.eachProperty(
        (key, value) ->
            key.parsed(Platform::parse)
                .ifPresent(
                    platform -> {
                      ImageReference part =
                          value
                              .parsed(ImageReference::parse)
                              .map(ImageReference::orLatest)
                              .orElse(null);
                      if (part == null) {
                        return;
                      }
                      if (parts.putIfAbsent(platform, part) != null) {
                        key.problem("is %s, which is there already".formatted(platform));
                      }
                      if (explicit != null) {
                        insideTarget(value, part.repository(), explicit.repository());
                      }
                    }));
    for (Platform wanted : policy.platforms()) {
      if (!parts.isEmpty() && !parts.containsKey(wanted)) {
        assemble.problem(
            "has no part for %s; add it, or give platforms: with a reason:".formatted(wanted));
      }
    }
    if (parts.isEmpty()) {
      assemble.problem("needs at least one platform with its image");
    }
    if (explicit != null && explicit.tag() != null && !parts.isEmpty()) {
      claim(assemble, explicit);
      entries.add(new Assembly(parts, explicit, policy, assemble.where()));
    }
  }

  private void addCopy(
      YamlValue given,
      ImageReference source,
      @Nullable ImageReference explicit,
      @Nullable Repository named,
      CopyPolicy policy) {
    Repository repository =
        explicit != null ? explicit.repository() : targetRepository(given, source, named);
    Tag tag = explicit != null && explicit.tag() != null ? explicit.tag() : source.tag();
    if (repository == null || insideTarget(given, source.repository(), repository)) {
      return;
    }
    if (tag == null) {
      given.problem(
          "is given by digest; say under which tag it is kept: target: %s:TAG"
              .formatted(repository));
      return;
    }
    ImageReference copy = repository.tagged(tag);
    // With a digest the tag is only a name for people; what is copied is the digest.
    ImageReference wanted = source.digest() == null ? source : source.pinnedTo(source.digest());
    claim(given, copy);
    entries.add(new ImageCopy(wanted, copy, policy, given.where()));
  }

  private void claim(YamlValue given, ImageReference copy) {
    Integer former = targets.putIfAbsent(copy, given.line());
    if (former != null) {
      given.problem("ends at the same target %s as the entry in line %d".formatted(copy, former));
    }
  }

  private @Nullable Repository targetRepository(
      YamlValue given, ImageReference source, @Nullable Repository named) {
    if (named != null) {
      return named;
    }
    if (target == null) {
      if (!document.root().has("target")) {
        given.problem("has no target; give target: here or at the top of the file");
      }
      return null;
    }
    return new Repository(
        target.registry(), target.path() + "/" + naming.name(source.repository()));
  }

  private boolean insideTarget(YamlValue given, Repository source, Repository copy) {
    Repository around = target != null && target.contains(source) ? target : copy;
    if (!around.contains(source)) {
      return false;
    }
    given.problem(
        "lies inside the target %s; a mirror does not copy from itself".formatted(around));
    return true;
  }

  private CopyPolicy artifactPolicy(YamlProperties entry) {
    forbid(entry, "platforms", "an artifact has no platforms");
    forbid(entry, "reason", "an artifact needs no waiver");
    return new CopyPolicy(
        List.of(),
        true,
        flag(entry, "referrers", referrers),
        flag(entry, "retain", retain),
        flag(entry, "quiet", quiet),
        null);
  }

  private CopyPolicy imagePolicy(YamlProperties entry) {
    List<Platform> wanted = entry.find("platforms").map(MirrorValues::platforms).orElse(platforms);
    String reason = entry.find("reason").flatMap(YamlValue::text).orElse(null);
    boolean waives = !wanted.containsAll(platforms);
    if (waives && (reason == null || reason.isBlank())) {
      if (reason != null) {
        entry.find("reason").ifPresent(value -> value.problem("is empty; a waiver must say why"));
      } else if (!entry.has("reason")) {
        entry
            .find("platforms")
            .ifPresent(
                value ->
                    value.problem(
                        "asks for less than %s; say why in reason:"
                            .formatted(MirrorValues.names(platforms))));
      }
    }
    return new CopyPolicy(
        wanted,
        false,
        flag(entry, "referrers", referrers),
        flag(entry, "retain", retain),
        flag(entry, "quiet", quiet),
        waives ? reason : null);
  }

  private static void forbid(YamlProperties entry, String key, String why) {
    entry.find(key).ifPresent(value -> value.problem(why));
  }

  private static boolean flag(YamlProperties properties, String key, boolean otherwise) {
    return properties.find(key).flatMap(YamlValue::flag).orElse(otherwise);
  }

  private @Nullable Repository namedTarget(YamlProperties entry) {
    Optional<YamlValue> as = entry.find("as");
    Repository around = target;
    if (as.isPresent() && around == null && !document.root().has("target")) {
      as.get().problem("is a name under target:, which the file does not give");
    }
    if (as.isEmpty() || around == null) {
      return null;
    }
    return as.get()
        .parsed(
            text ->
                new Repository(around.registry(), around.path() + "/" + MirrorValues.name(text)))
        .orElse(null);
  }
}
