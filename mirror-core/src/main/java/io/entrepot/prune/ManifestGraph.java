package io.entrepot.prune;

import io.entrepot.concurrent.Parallel;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.Referrers;
import io.entrepot.registry.RegistryClient;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * The manifests of one repository and how they hang together: lists and their entries, and what is
 * attached to what, by a {@code subject}, by the referrers API, by a fallback tag or by cosign's.
 */
final class ManifestGraph {

  private static final int MAX_MANIFESTS = 200_000;

  private final RegistryClient client;
  private final Repository repository;
  private final Semaphore slots;
  private final Map<Digest, Held> held = new TreeMap<>();
  private final Map<Digest, List<Digest>> children = new ConcurrentHashMap<>();
  private final Map<Digest, Set<Digest>> attached = new ConcurrentHashMap<>();
  private final Set<Digest> missing = ConcurrentHashMap.newKeySet();
  private final Map<Digest, Links> links;

  /**
   * What a manifest's bytes lead to: the same for ever, as its digest is.
   *
   * @param subject what it is attached to
   */
  private record Links(List<Digest> children, Optional<Digest> subject) {}

  private ManifestGraph(
      RegistryClient client, Repository repository, Semaphore slots, Map<Digest, Links> links) {
    this.client = client;
    this.repository = repository;
    this.slots = slots;
    this.links = links;
  }

  /**
   * Reads what is listed, and everything it leads to.
   *
   * @param listed what the registry lists
   * @param hints digests that may be there without being listed
   * @throws io.entrepot.registry.RegistryException where a part could not be read
   */
  static ManifestGraph read(
      RegistryClient client,
      Repository repository,
      Collection<Held> listed,
      Collection<Digest> hints,
      Semaphore slots) {
    return new ManifestGraph(client, repository, slots, new ConcurrentHashMap<>())
        .reading(listed, hints);
  }

  /**
   * Reads the repository once more. Manifests that were read before are not fetched again: only
   * what is attached to them, and what is new.
   */
  ManifestGraph again(Collection<Held> listed, Collection<Digest> hints) {
    return new ManifestGraph(client, repository, slots, links).reading(listed, hints);
  }

  private ManifestGraph reading(Collection<Held> listed, Collection<Digest> hints) {
    Set<Digest> begin = new TreeSet<>(hints);
    for (Held each : listed) {
      held.put(each.digest(), each);
      begin.add(each.digest());
    }
    follow(begin);
    attachByTags();
    return this;
  }

  private void follow(Set<Digest> begin) {
    Set<Digest> level = begin;
    Set<Digest> seen = new HashSet<>();
    while (!level.isEmpty()) {
      seen.addAll(level);
      if (seen.size() > MAX_MANIFESTS) {
        throw new MalformedException(
            "more than %d manifests in %s".formatted(MAX_MANIFESTS, repository));
      }
      Set<Digest> next = new TreeSet<>();
      for (Collection<Digest> found : Parallel.map(level, slots, this::readOne)) {
        for (Digest each : found) {
          if (!seen.contains(each)) {
            next.add(each);
          }
        }
      }
      level = next;
    }
  }

  /** Reads one manifest; gives what it leads to. */
  private Collection<Digest> readOne(Digest digest) {
    Links own = links.get(digest);
    if (own == null) {
      Optional<RawManifest> raw = client.findManifest(repository.at(digest)).await();
      if (raw.isEmpty()) {
        missing.add(digest);
        return List.of();
      }
      own = links(raw.get());
      links.put(digest, own);
    }
    children.put(digest, own.children());
    own.subject().ifPresent(subject -> attach(subject, digest));
    Set<Digest> below = new LinkedHashSet<>(own.children());
    Optional<Referrers> referrers = client.referrersByApi(repository, digest).await();
    for (Descriptor each : referrers.map(Referrers::descriptors).orElse(List.of())) {
      attach(digest, each.digest());
      below.add(each.digest());
    }
    return below;
  }

  private static Links links(RawManifest raw) {
    try {
      Manifest manifest = raw.parse();
      Set<Digest> children = new LinkedHashSet<>();
      if (manifest instanceof Index index) {
        for (Descriptor child : index.manifests()) {
          if (child.mediaType().isManifest()) {
            children.add(child.digest());
          }
        }
      }
      return new Links(
          List.copyOf(children), Optional.ofNullable(manifest.subject()).map(Descriptor::digest));
    } catch (MalformedException e) {
      // A kind of manifest that is not known here has no entries that are known here.
      return new Links(List.of(), Optional.empty());
    }
  }

  private void attach(Digest subject, Digest other) {
    attached.computeIfAbsent(subject, _ -> ConcurrentHashMap.newKeySet()).add(other);
  }

  /** Fallback tags and cosign's: {@code sha256-<hex>}, with an ending or without. */
  private void attachByTags() {
    Map<String, Digest> subjects = new TreeMap<>();
    for (Digest each : known()) {
      subjects.put(Tag.referrersOf(each).value(), each);
    }
    for (Held each : held.values()) {
      for (Tag tag : each.tags()) {
        Digest subject = subjects.get(stem(tag));
        if (subject != null && !subject.equals(each.digest())) {
          attach(subject, each.digest());
        }
      }
    }
  }

  /** The tag without cosign's ending. */
  private static String stem(Tag tag) {
    int dot = tag.value().indexOf('.');
    return tag.value().startsWith("sha") && dot > 0 ? tag.value().substring(0, dot) : tag.value();
  }

  Repository repository() {
    return repository;
  }

  /** Everything that is there, sorted. */
  Set<Digest> known() {
    Set<Digest> known = new TreeSet<>(children.keySet());
    held.keySet().stream().filter(digest -> !missing.contains(digest)).forEach(known::add);
    return known;
  }

  /** What the registry lists under a digest; empty where it does not. */
  Optional<Held> held(Digest digest) {
    return Optional.ofNullable(held.get(digest));
  }

  boolean isThere(Digest digest) {
    return children.containsKey(digest);
  }

  /** The entries of a list, also those that are missing. */
  List<Digest> children(Digest digest) {
    return children.getOrDefault(digest, List.of());
  }

  Set<Digest> attached(Digest digest) {
    return attached.getOrDefault(digest, Set.of());
  }

  /** Everything that is no entry of a list and attached to nothing that is there. */
  Set<Digest> roots() {
    Set<Digest> roots = new TreeSet<>(known());
    children.values().forEach(roots::removeAll);
    attached.forEach(
        (subject, others) -> {
          if (isThere(subject)) {
            roots.removeAll(others);
          }
        });
    return roots;
  }

  /** These, and everything that they need or that is attached to it. */
  Set<Digest> closure(Collection<Digest> from) {
    Set<Digest> closure = new TreeSet<>();
    List<Digest> stack = new ArrayList<>(from);
    while (!stack.isEmpty()) {
      Digest digest = stack.removeLast();
      if (closure.add(digest)) {
        stack.addAll(children(digest));
        stack.addAll(attached(digest));
      }
    }
    return closure;
  }

  /** Lists of these whose entries are missing. */
  List<Digest> broken(Collection<Digest> kept) {
    return kept.stream()
        .filter(digest -> children(digest).stream().anyMatch(missing::contains))
        .sorted()
        .toList();
  }

  /** These in an order in which lists go before their entries, and what is attached before both. */
  List<Digest> inOrder(Set<Digest> digests) {
    return waves(digests).stream().flatMap(List::stream).toList();
  }

  /**
   * The same in groups: those of one may go in any order once all before it are gone.
   *
   * <p>A digest names what it holds, so that nothing here leads back to itself.
   */
  List<List<Digest>> waves(Set<Digest> digests) {
    Map<Digest, Set<Digest>> before = new TreeMap<>();
    for (Digest each : digests) {
      for (Digest child : children(each)) {
        before.computeIfAbsent(child, _ -> new TreeSet<>()).add(each);
      }
      before.computeIfAbsent(each, _ -> new TreeSet<>()).addAll(attached(each));
    }
    Map<Digest, Integer> levels = new TreeMap<>();
    List<List<Digest>> waves = new ArrayList<>();
    for (Digest each : new TreeSet<>(digests)) {
      int level = level(each, digests, before, levels);
      while (waves.size() <= level) {
        waves.add(new ArrayList<>());
      }
      waves.get(level).add(each);
    }
    return waves;
  }

  private static int level(
      Digest digest,
      Set<Digest> among,
      Map<Digest, Set<Digest>> before,
      Map<Digest, Integer> levels) {
    Integer known = levels.get(digest);
    if (known != null) {
      return known;
    }
    // What seems to lead back to itself is not followed a second time.
    levels.put(digest, 0);
    int level = 0;
    for (Digest each : before.getOrDefault(digest, Set.of())) {
      if (among.contains(each)) {
        level = Math.max(level, 1 + level(each, among, before, levels));
      }
    }
    levels.put(digest, level);
    return level;
  }
}
