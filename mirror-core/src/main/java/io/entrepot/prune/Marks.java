package io.entrepot.prune;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What is needed, and what locks said over time. One thread at a time. */
public final class Marks {

  private final Map<Digest, String> digests = new HashMap<>();
  private final Map<ImageReference, String> tags = new HashMap<>();
  private final Map<Repository, Map<Digest, Instant>> left = new TreeMap<>();
  private final Map<Repository, Set<Digest>> held = new TreeMap<>();
  private final Set<Unseen> unseen = new LinkedHashSet<>();

  /** Marks a digest, whatever repository it lies in. */
  public void mark(Digest digest, String why) {
    digests.putIfAbsent(digest, why);
  }

  /** Marks what a tag means. */
  public void mark(ImageReference tag, String why) {
    tags.putIfAbsent(tag, why);
  }

  /** Notes that a lock, at whatever time, held a digest in a repository. */
  public void held(Repository repository, Digest digest) {
    held.computeIfAbsent(repository, _ -> new TreeSet<>()).add(digest);
  }

  /** Notes that a lock let go of a digest; the latest time counts. */
  public void left(Repository repository, Digest digest, Instant when) {
    left.computeIfAbsent(repository, _ -> new HashMap<>())
        .merge(digest, when, (a, b) -> a.isAfter(b) ? a : b);
  }

  /** Notes that something could not be read. */
  public void unseen(String what, String reason) {
    unseen.add(new Unseen(what, reason));
  }

  /** Why a digest is needed, or nothing. */
  Optional<String> of(Digest digest) {
    return Optional.ofNullable(digests.get(digest));
  }

  /** Why what a tag means is needed, or nothing. */
  Optional<String> of(ImageReference tag) {
    return Optional.ofNullable(tags.get(tag));
  }

  /** When the locks let go of a digest. */
  Optional<Instant> left(Repository repository, Digest digest) {
    return Optional.ofNullable(left.getOrDefault(repository, Map.of()).get(digest));
  }

  /** The repositories that any lock ever named. */
  public Set<Repository> repositories() {
    return Set.copyOf(held.keySet());
  }

  /** The digests that any lock ever held in a repository. */
  Set<Digest> heldIn(Repository repository) {
    return new HashSet<>(held.getOrDefault(repository, Set.of()));
  }

  /** What could not be read. */
  public List<Unseen> unseen() {
    return List.copyOf(unseen);
  }
}
