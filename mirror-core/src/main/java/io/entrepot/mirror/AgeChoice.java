package io.entrepot.mirror;

import io.entrepot.lock.Sight;
import io.entrepot.oci.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which digest of a source is old enough to be copied.
 *
 * @param atSource what the source's name means now
 * @param taken what is copied, or stays; null where nothing is old enough
 * @param firstSeen of {@code taken}, where an age is asked
 * @param waiting what is too young, oldest first
 * @param notes what a person should know: what waits and until when, what was taken back
 */
public record AgeChoice(
    Digest atSource,
    @Nullable Digest taken,
    Optional<Sight> firstSeen,
    List<Sight> waiting,
    List<String> notes) {

  /** Copies the lists. */
  public AgeChoice {
    waiting = List.copyOf(waiting);
    notes = List.copyOf(notes);
  }

  /** No age is asked. */
  static AgeChoice none(Digest atSource) {
    return new AgeChoice(atSource, atSource, Optional.empty(), List.of(), List.of());
  }

  /** Whether something newer than {@code taken} waits. */
  public boolean isHeldBack() {
    return !waiting.isEmpty();
  }

  /** What is to be remembered where {@code taken} does not become the locked digest. */
  List<Sight> sights(@Nullable Digest locked) {
    List<Sight> sights = new ArrayList<>(waiting);
    firstSeen.filter(sight -> !sight.digest().equals(locked)).ifPresent(sights::add);
    return sights;
  }
}
