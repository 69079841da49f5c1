package io.entrepot.mirror;

import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockedImage;
import io.entrepot.mirror.MirrorEntry.Assembly;
import io.entrepot.mirror.MirrorEntry.Compose;
import io.entrepot.mirror.MirrorEntry.ImageCopy;
import io.entrepot.mirror.MirrorEntry.TagSelection;
import io.entrepot.mirror.charts.ChartEntry;
import io.entrepot.mirror.charts.ChartImages;
import io.entrepot.mirror.charts.PackedChart;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The entries that charts bring, each source once, and which chart asked for which. */
final class ChartedImages {

  private static final int DIGITS = 12;

  private final MirrorSettings settings;
  private final ImageDefaults defaults;
  private final LockFile lock;
  private final Map<ImageReference, ImageCopy> entries = new LinkedHashMap<>();
  private final Map<ImageReference, Pinned> pinned = new LinkedHashMap<>();
  private final Map<ImageReference, PackedChart> made = new HashMap<>();
  private final Map<ImageReference, Set<String>> charts = new TreeMap<>();

  /** An image that is named by tag and digest. */
  private record Pinned(ImageReference image, ChartEntry entry, ImageReference chart) {}

  ChartedImages(MirrorSettings settings, LockFile lock) {
    this.settings = settings;
    this.defaults = settings.defaults();
    this.lock = lock;
  }

  List<MirrorEntry> entries() {
    return List.copyOf(entries.values());
  }

  /** The keys of the charts that asked for a source. */
  Set<String> chartsOf(ImageReference key) {
    return charts.getOrDefault(key, Set.of());
  }

  /** The chart itself, fetched. */
  void chart(ChartEntry entry, PackedChart chart) {
    republished(chart);
    chart(entry, chart.reference());
  }

  /** Of what a chart was made here. */
  void republished(PackedChart chart) {
    if (!chart.from().isEmpty()) {
      made.put(chart.reference(), chart);
    }
  }

  /** Of what the artifact of a chart was made; empty where it was not made here. */
  Map<String, Digest> from(ImageReference key, Digest digest) {
    PackedChart chart = made.get(key);
    return chart != null && chart.manifest().digest().equals(digest) ? chart.from() : Map.of();
  }

  /** The chart itself. */
  void chart(ChartEntry entry, ImageReference key) {
    if (!isNamed(key)) {
      entries.put(
          key,
          new ImageCopy(
              key,
              entry.target().tagged(Objects.requireNonNull(key.tag())),
              defaults.artifact(),
              entry.where()));
    }
  }

  /** The images of a chart, and those on which somebody has to decide. */
  void found(
      ChartEntry entry,
      ImageReference chart,
      ChartImages.Found found,
      List<ChartProblem> problems) {
    Set<ImageReference> wanted = new TreeSet<>(found.sure());
    entry.accept().forEach(image -> wanted.add(image.orLatest()));
    found
        .unsure()
        .forEach(
            (written, where) -> {
              Optional<ImageReference> image = parsed(written);
              if (image.isPresent() && !isDecided(image.get(), entry)) {
                problems.add(undecided(entry, chart, image.get(), where));
              }
            });
    for (ImageReference image : wanted) {
      if (!isRefused(image, entry)) {
        want(image, entry, chart, problems);
      }
    }
  }

  private static Optional<ImageReference> parsed(String written) {
    try {
      return Optional.of(ImageReference.parse(written));
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  private boolean isDecided(ImageReference image, ChartEntry entry) {
    return entry.accept().stream().anyMatch(each -> means(each, image))
        || isRefused(image, entry)
        || isNamed(ImageDraft.key(image));
  }

  private static boolean isRefused(ImageReference image, ChartEntry entry) {
    return entry.refuse().keySet().stream().anyMatch(each -> means(each, image));
  }

  /** Whether a decision is about an image; one of a repository is about all of it. */
  private static boolean means(ImageReference decision, ImageReference image) {
    boolean whole = decision.tag() == null && decision.digest() == null;
    boolean vague = image.tag() == null && image.digest() == null;
    return decision.repository().equals(image.repository())
        && (whole || vague || decision.equals(image));
  }

  private ChartProblem undecided(
      ChartEntry entry, ImageReference chart, ImageReference image, String where) {
    return new ChartProblem(
        image,
        new ImageReference(
            repository(image.repository()).orElse(image.repository()), image.tag(), null),
        "%s has something that looks like an image, in %s".formatted(chart, where),
        "decide in the chart's entry: accept: [%s], or refuse: [{ image: %s, reason: … }]"
            .formatted(image, image),
        entry.where());
  }

  private void want(
      ImageReference image, ChartEntry entry, ImageReference chart, List<ChartProblem> problems) {
    ImageReference source = image;
    if (defaults.target().filter(around -> around.contains(image.repository())).isPresent()) {
      Optional<ImageReference> known = sourceOf(image);
      if (known.isEmpty()) {
        problems.add(
            new ChartProblem(
                image,
                image,
                "%s names it, inside the target, and the lock does not know of what it is a copy"
                    .formatted(chart),
                "give the values that name its source, or mirror it by an entry under images:",
                entry.where()));
        return;
      }
      source = known.get();
    }
    if (source.tag() != null && source.digest() != null) {
      pinned.putIfAbsent(source, new Pinned(source, entry, chart));
      return;
    }
    add(ImageDraft.key(source), source.tag(), entry, chart, problems);
  }

  private void add(
      ImageReference key,
      @Nullable Tag tag,
      ChartEntry entry,
      ImageReference chart,
      List<ChartProblem> problems) {
    charts.computeIfAbsent(key, each -> new TreeSet<>()).add(chart.toString());
    if (isNamed(key) || entries.containsKey(key)) {
      return;
    }
    Optional<Repository> repository = repository(key.repository());
    if (repository.isEmpty()) {
      problems.add(
          new ChartProblem(
              key,
              key,
              "%s asks for it, and the file has no target:".formatted(chart),
              "give target: at the top of the file",
              entry.where()));
      return;
    }
    Tag copy = tag != null ? tag : new Tag(Objects.requireNonNull(key.digest()).shortHex(DIGITS));
    entries.put(
        key, new ImageCopy(key, repository.get().tagged(copy), defaults.image(), entry.where()));
  }

  /** Decides under which tags images are kept that are named by tag and digest. */
  void settle(RegistryClient client, List<ChartProblem> problems) {
    for (Pinned each : pinned.values()) {
      Digest digest = Objects.requireNonNull(each.image().digest());
      Tag tag = Objects.requireNonNull(each.image().tag());
      ImageReference tagged = each.image().repository().tagged(tag);
      boolean same = digest.equals(meant(client, tagged));
      if (same && (isNamed(tagged) || entries.containsKey(tagged))) {
        charts.computeIfAbsent(tagged, key -> new TreeSet<>()).add(each.chart().toString());
        continue;
      }
      Tag copy = same ? tag : retained(tag, digest);
      ImageReference key = each.image().pinnedTo(digest);
      Optional<ImageCopy> decided = named(tagged);
      if (decided.isPresent() && !isNamed(key)) {
        charts.computeIfAbsent(key, one -> new TreeSet<>()).add(each.chart().toString());
        entries.put(
            key,
            new ImageCopy(
                key,
                decided.get().target().repository().tagged(copy),
                decided.get().policy(),
                each.entry().where()));
      } else {
        add(key, copy, each.entry(), each.chart(), problems);
      }
    }
  }

  private static Tag retained(Tag tag, Digest digest) {
    String value = tag.value();
    return new Tag(
        value.substring(0, Math.min(value.length(), 127 - DIGITS)) + "_" + digest.shortHex(DIGITS));
  }

  private static @Nullable Digest meant(RegistryClient client, ImageReference tagged) {
    try {
      return client.find(tagged).await().map(Descriptor::digest).orElse(null);
    } catch (RegistryException e) {
      // The digest is what is asked for; the tag is a name.
      return null;
    }
  }

  /** What the lock says of an entry's charts; false where it knows no version. */
  boolean fromLock(ChartEntry entry) {
    boolean known = false;
    String prefix = entry.chart().key() + ":";
    for (Map.Entry<ImageReference, LockedImage> each : lock.images().entrySet()) {
      ImageReference key = each.getKey();
      LockedImage image = each.getValue();
      List<String> asking =
          image.origin().charts().stream().filter(chart -> chart.startsWith(prefix)).toList();
      if (key.repository().equals(entry.chart().key()) && key.tag() != null) {
        known = true;
        chart(entry, key);
      }
      if (!asking.isEmpty()) {
        asking.forEach(chart -> charts.computeIfAbsent(key, one -> new TreeSet<>()).add(chart));
        if (!isNamed(key)) {
          entries.putIfAbsent(
              key, new ImageCopy(key, at(key, image.target()), defaults.image(), entry.where()));
        }
      }
    }
    return known;
  }

  /** The locked target under this file's own name for it. */
  private ImageReference at(ImageReference key, ImageReference locked) {
    return repository(key.repository())
        .map(repository -> repository.tagged(Objects.requireNonNull(locked.tag())))
        .orElse(locked);
  }

  private Optional<Repository> repository(Repository source) {
    return defaults
        .target()
        .map(
            around ->
                new Repository(
                    around.registry(), around.path() + "/" + defaults.naming().name(source)));
  }

  private Optional<ImageReference> sourceOf(ImageReference copy) {
    for (Map.Entry<ImageReference, LockedImage> each : lock.images().entrySet()) {
      LockedImage image = each.getValue();
      boolean same =
          copy.digest() == null
              ? image.target().equals(copy.orLatest())
              : image.target().repository().equals(copy.repository())
                  && image.digestAtTarget().equals(copy.digest());
      if (same) {
        return Optional.of(each.getKey());
      }
    }
    return Optional.empty();
  }

  /** Whether an entry under {@code images:} stands for a source. */
  private boolean isNamed(ImageReference key) {
    Tag tag = key.tag();
    return settings.spec().entries().stream()
        .anyMatch(
            entry ->
                switch (entry) {
                  case ImageCopy copy -> ImageDraft.key(copy.source()).equals(key);
                  case TagSelection selection ->
                      selection.source().equals(key.repository())
                          && tag != null
                          && TagSelector.matches(tag, selection.filter());
                  case Compose compose -> compose.target().equals(key);
                  case Assembly assembly ->
                      assembly.parts().values().stream()
                          .anyMatch(part -> ImageDraft.key(part).equals(key));
                });
  }

  private Optional<ImageCopy> named(ImageReference key) {
    List<ImageCopy> copies = new ArrayList<>();
    for (MirrorEntry entry : settings.spec().entries()) {
      if (entry instanceof ImageCopy copy && ImageDraft.key(copy.source()).equals(key)) {
        copies.add(copy);
      }
    }
    return copies.stream().findFirst();
  }
}
