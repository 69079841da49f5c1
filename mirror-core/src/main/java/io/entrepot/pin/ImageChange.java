package io.entrepot.pin;

import io.entrepot.oci.ImageReference;
import io.entrepot.sites.Reading;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * What a render may show in the place of an image after a change of files.
 *
 * @param becomes what an image or chart may become; more than one where places differ
 * @param movesVersions whether an image's version may change, and with it a label that says it
 */
record ImageChange(
    Function<Reading, ? extends Collection<? extends Resolution>> becomes, boolean movesVersions) {

  /** What a source of digests says: registry, repository and digest change, the version stays. */
  static ImageChange by(PinSource source) {
    return new ImageChange(
        before -> {
          source.prepare(List.of(before));
          return List.of(source.resolve(before));
        },
        false);
  }

  /** Whether one may have become the other. */
  boolean allows(Reading before, Reading after) {
    return becomes.apply(before).stream().anyMatch(each -> isMade(before, after, each));
  }

  private static boolean isMade(Reading before, Reading after, Resolution by) {
    return switch (by) {
      case Resolution.Pinned pinned ->
          before instanceof Reading.Image old
              && after instanceof Reading.Image now
              && isPinned(old.reference(), now.reference(), pinned);
      case Resolution.Moved moved ->
          after instanceof Reading.Chart chart && chart.repository().equals(moved.repository());
      default -> false;
    };
  }

  /** The digest says which version it is; without one the tag does. */
  private static boolean isPinned(
      ImageReference before, ImageReference after, Resolution.Pinned pinned) {
    if (!after.repository().equals(pinned.repository())) {
      return false;
    }
    if (after.digest() != null) {
      return after.digest().equals(pinned.digest());
    }
    return before.digest() == null
        && Objects.equals(before.orLatest().tag(), after.orLatest().tag());
  }
}
