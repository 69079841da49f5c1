package io.entrepot.policy;

import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockedImage;
import io.entrepot.lock.LockedTrust;
import io.entrepot.lock.Sights;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Judges what files name by what the lock file holds, and asks nobody. A reference to a copy is
 * judged under its source's name. Safe for many threads.
 */
public final class LockJudge {

  private record Content(Repository repository, Digest digest) {}

  private record Entry(ImageReference source, LockedImage image) {}

  private final Policy policy;
  private final Clock clock;
  private final Sights sights;
  private final Map<Content, List<Entry>> byDigest = new HashMap<>();
  private final Map<ImageReference, List<Entry>> byTag = new HashMap<>();
  private final Map<Repository, Set<Repository>> sources = new HashMap<>();

  /**
   * @param lock what the mirror has seen; an empty one where there is none
   * @param clock says as of when
   */
  public LockJudge(Policy policy, LockFile lock, Clock clock) {
    this.policy = policy;
    this.clock = clock;
    this.sights = Sights.of(lock);
    lock.images()
        .forEach(
            (source, image) -> {
              Entry entry = new Entry(source, image);
              add(source, image.digest(), entry);
              if (!source.repository().equals(image.target().repository())) {
                add(image.target(), image.digestAtTarget(), entry);
              }
              sources
                  .computeIfAbsent(image.target().repository(), _ -> new LinkedHashSet<>())
                  .add(source.repository());
            });
  }

  private void add(ImageReference name, Digest digest, Entry entry) {
    if (name.tag() != null) {
      byTag.computeIfAbsent(name, _ -> new ArrayList<>()).add(entry);
    }
    byDigest
        .computeIfAbsent(new Content(name.repository(), digest), _ -> new ArrayList<>())
        .add(entry);
  }

  /** The policy that is judged by. */
  public Policy policy() {
    return policy;
  }

  /** Says as of when is judged. */
  Clock clock() {
    return clock;
  }

  /**
   * Decides about an image as a file names it. Of a list that is put together of several sources,
   * each has to be admitted.
   */
  public Decision judge(ImageReference written) {
    return judge(written, Facts.NONE);
  }

  /**
   * The same where somebody else looks for what is denied in the image: its denied contents are not
   * asked of the lock.
   */
  public Decision judgeByNames(ImageReference written) {
    return judge(written, Facts.NONE.containing(Set.of()));
  }

  /**
   * The same, with what somebody knows beside the lock.
   *
   * @param known goes before what the lock says
   */
  Decision judge(ImageReference written, Facts known) {
    List<Entry> entries = entries(written);
    List<Decision> decisions = new ArrayList<>();
    if (!entries.isEmpty()) {
      entries.forEach(entry -> decisions.addAll(judge(entry, known)));
    } else {
      Digest digest = written.digest();
      for (Repository source : sources(written)) {
        decisions.add(
            digest == null
                ? policy.judgeUnnamed(source)
                : policy.judge(source, digest, completed(known, source, digest), clock.instant()));
      }
    }
    return worst(decisions);
  }

  /** The repositories whose rules count; the reference's own, or those that it has copies of. */
  public Collection<Repository> sources(ImageReference written) {
    Set<Repository> found = sources.get(written.repository());
    return found == null ? Set.of(written.repository()) : Set.copyOf(found);
  }

  /** When a digest of a source was first seen, as far as the lock says it. */
  public Optional<Instant> firstSeen(Repository source, Digest digest) {
    return sights.find(source, digest);
  }

  private List<Entry> entries(ImageReference written) {
    Digest digest = written.digest();
    return digest == null
        ? byTag.getOrDefault(written.orLatest(), List.of())
        : byDigest.getOrDefault(new Content(written.repository(), digest), List.of());
  }

  private List<Decision> judge(Entry entry, Facts known) {
    LockedImage image = entry.image();
    if (image.origin().recipe().isEmpty()) {
      return List.of(judge(entry, entry.source().repository(), image.digest(), known));
    }
    // Nobody publishes a composed image: what it is made of is judged.
    List<Decision> decisions = new ArrayList<>();
    Facts within = new Facts(Optional.empty(), known.contents(), Optional.empty());
    policy
        .denial(image.digestAtTarget(), contents(image).orElse(Set.of()))
        .ifPresent(decisions::add);
    image
        .origin()
        .from()
        .forEach(
            (source, digest) ->
                decisions.add(
                    judge(entry, ImageReference.parse(source).repository(), digest, within)));
    return decisions;
  }

  private Decision judge(Entry entry, Repository source, Digest digest, Facts known) {
    LockedImage image = entry.image();
    LockedTrust trust = image.trust();
    Facts facts =
        new Facts(
            known.firstSeen().or(() -> sights.find(source, digest)),
            known.contents().or(() -> contents(image)),
            known
                .signatures()
                .or(
                    () ->
                        policy
                            .signatures(source)
                            .flatMap(asked -> LockedEvidence.verdict(trust.signedBy(), asked))));
    return policy.judge(source, digest, facts, clock.instant());
  }

  private Facts completed(Facts known, Repository source, Digest digest) {
    return new Facts(
        known.firstSeen().or(() -> sights.find(source, digest)),
        known.contents(),
        known.signatures());
  }

  /**
   * Digests that the image is known to lead to; empty where nobody has looked it through for
   * everything that the policy denies today.
   */
  private Optional<Set<Digest>> contents(LockedImage image) {
    Set<Digest> known = new HashSet<>(image.origin().from().values());
    known.add(image.digestAtTarget());
    image.trust().denied().ifPresent(denial -> known.add(denial.digest()));
    boolean complete =
        policy.deniedFingerprint().equals(image.trust().judged())
            || known.stream().anyMatch(policy.denied()::containsKey);
    return complete ? Optional.of(known) : Optional.empty();
  }

  private static Decision worst(List<Decision> decisions) {
    Decision found = new Decision.Admitted(List.of());
    for (Decision each : decisions) {
      if (rank(each) > rank(found) || found instanceof Decision.Admitted) {
        found = each;
      }
    }
    return found;
  }

  private static int rank(Decision decision) {
    return switch (decision) {
      case Decision.Admitted _ -> 0;
      case Decision.Waiting _ -> 1;
      case Decision.Unjudged _ -> 2;
      case Decision.Refused _ -> 3;
    };
  }
}
