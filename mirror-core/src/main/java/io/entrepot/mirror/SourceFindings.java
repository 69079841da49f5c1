package io.entrepot.mirror;

import io.entrepot.lock.Denial;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What planning found at the source of an image, beside what its name means.
 *
 * @param ages by source, where a policy was asked: which digest is old enough; an assembled list
 *     has several
 * @param denial what the policy denies, where that is why it is refused
 * @param gone whether the source answers that there is no such image
 * @param passedOver what the source's name means now, where that differs from what is locked only
 *     in what nobody asked for; else null
 */
public record SourceFindings(
    SortedMap<ImageReference, AgeChoice> ages,
    Optional<Denial> denial,
    boolean gone,
    @Nullable Digest passedOver) {

  /** Nothing. */
  public static final SourceFindings NONE =
      new SourceFindings(new TreeMap<>(), Optional.empty(), false, null);

  /** Copies the map. */
  public SourceFindings {
    ages = Collections.unmodifiableSortedMap(new TreeMap<>(ages));
  }

  SourceFindings aged(Map<ImageReference, AgeChoice> known) {
    return new SourceFindings(new TreeMap<>(known), denial, gone, passedOver);
  }

  SourceFindings denied(Optional<Denial> why) {
    return new SourceFindings(ages, why, gone, passedOver);
  }

  SourceFindings missing() {
    return new SourceFindings(ages, denial, true, passedOver);
  }

  SourceFindings passingOver(Digest now) {
    return new SourceFindings(ages, denial, gone, now);
  }
}
