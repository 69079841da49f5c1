package io.entrepot.policy;

import io.entrepot.oci.Digest;
import io.entrepot.trust.Verdict;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * What is known about a digest when it is judged. What is not known is never taken for good.
 *
 * @param firstSeen when it was first seen at its source, by our own clock
 * @param contents every digest that it leads to: children, configurations, layers
 * @param signatures what its signatures came to
 */
public record Facts(
    Optional<Instant> firstSeen, Optional<Set<Digest>> contents, Optional<Verdict> signatures) {

  /** Nothing is known. */
  public static final Facts NONE = new Facts(Optional.empty(), Optional.empty(), Optional.empty());

  /** Copies the set. */
  public Facts {
    contents = contents.map(Set::copyOf);
  }

  /** The same, and when it was first seen. */
  public Facts seen(Instant at) {
    return new Facts(Optional.of(at), contents, signatures);
  }

  /** The same, and what it leads to. */
  public Facts containing(Set<Digest> digests) {
    return new Facts(firstSeen, Optional.of(digests), signatures);
  }

  /** The same, and what its signatures came to. */
  public Facts signed(Verdict verdict) {
    return new Facts(firstSeen, contents, Optional.of(verdict));
  }
}
