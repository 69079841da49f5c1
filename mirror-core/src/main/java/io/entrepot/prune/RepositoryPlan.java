package io.entrepot.prune;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Decides for each manifest of a repository whether it stays, and why. */
final class RepositoryPlan {

  private static final Duration GRACE = Duration.ofHours(1);

  private final PruneRequest request;
  private final Marks marks;
  private final ManifestGraph graph;
  private final Set<Digest> doomed;
  private final Set<Digest> roots;
  private final Map<Digest, String> because = new TreeMap<>();
  private final Set<Digest> remove = new TreeSet<>();

  /**
   * @param doomed what an earlier run was about to remove
   */
  RepositoryPlan(PruneRequest request, Marks marks, ManifestGraph graph, Set<Digest> doomed) {
    this.request = request;
    this.marks = marks;
    this.graph = graph;
    this.doomed = doomed;
    this.roots = graph.roots();
    decide();
  }

  ManifestGraph graph() {
    return graph;
  }

  /** Why each manifest stays that does. */
  Map<Digest, String> kept() {
    return because;
  }

  /** What goes. */
  Set<Digest> removed() {
    return remove;
  }

  /** Why a manifest goes. */
  String reason(Digest digest) {
    if (!roots.contains(digest)) {
      return "part of what goes";
    }
    Optional<Instant> left = marks.left(graph.repository(), digest);
    if (left.isPresent()) {
      return "no lock holds it since %s".formatted(left.get());
    }
    return graph
        .held(digest)
        .flatMap(Held::pushed)
        .map(time -> "nothing that is counted pins it, and it is of " + time)
        .orElse("an earlier run was about to remove it");
  }

  private void decide() {
    Repository repository = graph.repository();
    for (Digest digest : graph.known()) {
      Optional<String> needed = needed(repository, digest);
      if (needed.isPresent()) {
        keep(digest, needed.get());
      } else if (roots.contains(digest) || isTagged(digest)) {
        stays(repository, digest).ifPresent(why -> keep(digest, why));
      }
    }
    graph.known().stream().filter(digest -> !because.containsKey(digest)).forEach(remove::add);
  }

  /** Keeps a manifest with everything that it needs and that is attached to it. */
  private void keep(Digest root, String why) {
    for (Digest each : graph.closure(Set.of(root))) {
      because.putIfAbsent(each, each.equals(root) ? why : "belongs to " + root);
    }
    because.put(root, why);
  }

  /** Tags of attachments are no reason to keep anything: they follow their subject. */
  private boolean isTagged(Digest digest) {
    return graph
        .held(digest)
        .filter(held -> held.tags().stream().anyMatch(tag -> !isAttachment(tag)))
        .isPresent();
  }

  private static boolean isAttachment(Tag tag) {
    return tag.value().matches("sha(?:256|512)-[0-9a-f]{64}(?:\\.[a-z]+)?");
  }

  private Optional<String> needed(Repository repository, Digest digest) {
    Optional<String> marked = marks.of(digest);
    if (marked.isPresent()) {
      return marked;
    }
    Set<Tag> tags = graph.held(digest).map(Held::tags).orElse(Set.of());
    for (Tag tag : tags) {
      Optional<String> named = marks.of(repository.tagged(tag));
      if (named.isPresent()) {
        return named;
      }
      if (request.keepTags().stream().anyMatch(pattern -> pattern.matches(tag.value()))) {
        return Optional.of("mirror.yaml keeps the tag " + tag);
      }
    }
    for (ImageReference each : request.keep()) {
      boolean meant =
          each.repository().equals(repository)
              && (digest.equals(each.digest())
                  || (each.digest() == null && tags.contains(each.orLatest().tag())));
      if (meant || digest.equals(each.digest())) {
        return Optional.of("--keep " + each);
      }
    }
    return Optional.empty();
  }

  /** Why something that nothing needs stays for now. */
  private Optional<String> stays(Repository repository, Digest digest) {
    Optional<Instant> left = marks.left(repository, digest);
    Optional<Instant> pushed = graph.held(digest).flatMap(Held::pushed);
    boolean tagged = isTagged(digest);
    if (left.isPresent()) {
      return young(left.get(), request.since(), "a lock held it until %s");
    }
    if (doomed.contains(digest) && !tagged) {
      return Optional.empty();
    }
    if (pushed.isEmpty()) {
      return Optional.of("its age is not known");
    }
    return young(pushed.get(), tagged ? request.since() : GRACE, "it was pushed at %s");
  }

  private Optional<String> young(Instant since, Duration limit, String why) {
    return since.plus(limit).isAfter(request.now())
        ? Optional.of(why.formatted(since))
        : Optional.empty();
  }

  /** What is still to go after the repository was read again: what a push needs meanwhile stays. */
  Set<Digest> stillRemoved(ManifestGraph now) {
    Set<Digest> still = new LinkedHashSet<>(remove);
    for (Digest digest : now.known()) {
      boolean known = graph.isThere(digest) || graph.held(digest).isPresent();
      boolean same =
          known
              && now.held(digest).map(Held::tags).equals(graph.held(digest).map(Held::tags))
              && now.held(digest)
                  .flatMap(Held::pushed)
                  .equals(graph.held(digest).flatMap(Held::pushed));
      if (!same) {
        still.removeAll(now.closure(Set.of(digest)));
      }
    }
    return still;
  }
}
