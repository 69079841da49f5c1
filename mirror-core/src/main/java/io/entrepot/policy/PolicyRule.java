package io.entrepot.policy;

import io.entrepot.oci.Repository;
import io.entrepot.text.FilePosition;
import io.entrepot.text.Glob;
import java.time.Duration;
import java.util.Optional;

/**
 * What is asked of some repositories; the first rule that fits decides.
 *
 * @param match held against registry and repository, without a tag
 * @param minAge empty where the policy's own counts
 * @param position in the policy's file
 */
public record PolicyRule(
    Glob match, Optional<Duration> minAge, Demand demand, FilePosition position) {

  boolean fits(Repository source) {
    return match.matches(source.toString());
  }
}
