package io.entrepot.yaml;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A file that cannot be used as it stands. Carries everything that was found wrong with it, in the
 * order of its lines; the message has one line for each.
 */
public final class ConfigException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  /**
   * @param problems at least one
   */
  public ConfigException(List<Problem> problems) {
    this(problems, null);
  }

  /** One problem, with what caused it. */
  public ConfigException(Problem problem, @Nullable Throwable cause) {
    this(List.of(problem), cause);
  }

  private ConfigException(List<Problem> problems, @Nullable Throwable cause) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")), cause);
    this.problems = List.copyOf(problems);
  }

  /** Everything that is wrong, first line first. */
  public List<Problem> problems() {
    return problems;
  }

  /** The file of the first problem. */
  public String file() {
    return problems.getFirst().file();
  }

  /** The line of the first problem, from 1; 0 where the whole file is meant. */
  public int line() {
    return problems.getFirst().line();
  }

  /** The property of the first problem, or empty. */
  public String property() {
    return problems.getFirst().property();
  }
}
