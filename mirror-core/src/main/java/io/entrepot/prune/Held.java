package io.entrepot.prune;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Tag;
import java.time.Instant;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A manifest that a repository lists.
 *
 * @param pushed by the registry's own time; empty where it does not tell
 * @param version the forge's number of it; 0 where there is none
 */
record Held(Digest digest, Set<Tag> tags, Optional<Instant> pushed, long version) {

  Held {
    tags = Collections.unmodifiableSet(new TreeSet<>(tags));
  }
}
