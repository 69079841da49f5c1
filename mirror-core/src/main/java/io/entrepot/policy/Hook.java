package io.entrepot.policy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A program that is asked before a tag moves.
 *
 * @param command program and arguments; {@code {reference}} in one stands for the image
 * @param directory of the policy's file, where the program runs and where relative names begin
 * @param timeout after which it counts as a refusal
 */
public record Hook(List<String> command, Duration timeout, Path directory) {

  /** How long a program may take where nobody says otherwise. */
  public static final Duration USUAL_TIMEOUT = Duration.ofMinutes(5);

  /** Copies the list. */
  public Hook {
    command = List.copyOf(command);
  }
}
