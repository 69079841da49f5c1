package io.entrepot.proxy.admission;

import io.entrepot.policy.Policy;
import io.entrepot.yaml.ConfigException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Which policy is obeyed, and how.
 *
 * @param file as messages name it
 * @param mode what follows from a refusal
 * @param reading reads the file anew; blocks, and throws {@link ConfigException} with everything
 *     that is wrong
 * @param clock says how old digests are
 */
public record PolicySettings(Path file, Mode mode, Supplier<Reading> reading, Clock clock) {

  /** The same by another clock. */
  public PolicySettings with(Clock other) {
    return new PolicySettings(file, mode, reading, other);
  }

  /** What follows from a refusal. */
  public enum Mode {
    /** Nothing is given. */
    ENFORCE("enforce"),
    /** It is counted and told. */
    OBSERVE("observe");

    private final String word;

    Mode(String word) {
      this.word = word;
    }

    /** The word in files and metrics. */
    public String word() {
      return word;
    }
  }

  /**
   * What was read.
   *
   * @param files everything that it was made of: the file, keys, authorities
   */
  public record Reading(Policy policy, Set<Path> files) {
    /** Copies the set. */
    public Reading {
      files = Set.copyOf(files);
    }
  }
}
