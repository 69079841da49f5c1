package io.entrepot.pin;

import java.util.List;

/**
 * What rendering has shown of a plan.
 *
 * @param proved builds that were rendered before and after, and differ by registry, repository and
 *     digest only
 * @param unproved what is left to the reading of the files
 */
public record Proof(List<String> proved, List<Unproved> unproved) {

  /** Nothing was rendered, and nothing would have been. */
  public static final Proof NONE = new Proof(List.of(), List.of());

  /**
   * Something that could not be rendered.
   *
   * @param what a build, or a file
   */
  public record Unproved(String what, String reason) {}

  /** Nothing is proved, for one reason. */
  public static Proof not(String what, String reason) {
    return new Proof(List.of(), List.of(new Unproved(what, reason)));
  }

  /** Copies. */
  public Proof {
    proved = List.copyOf(proved);
    unproved = List.copyOf(unproved);
  }
}
