package io.entrepot.cli.command;

import io.entrepot.policy.Policy;
import io.entrepot.policy.PolicyReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Which policy counts. */
final class PolicyFileOption {

  private final Option<Path> file;

  PolicyFileOption(Arguments arguments) {
    file =
        arguments.file(
            "--policy",
            "What may run (default: policy.yaml beside the configuration, where there is one).");
  }

  boolean isGiven() {
    return file.isGiven();
  }

  /** The file that is given. */
  Path path(Invocation context) {
    return context.file(file.value());
  }

  /**
   * The policy; empty where none is named and none is there.
   *
   * @param beside the configuration, beside which it lies; empty for the current directory
   */
  Optional<Policy> load(Invocation context, Optional<Path> beside) {
    if (file.isGiven()) {
      return Optional.of(read(context, context.file(file.value())));
    }
    return beside(context, context.file(beside.orElse(Path.of(Policy.USUAL_NAME))));
  }

  /** The policy in the folder of a file; empty where none is there. */
  static Optional<Policy> beside(Invocation context, Path file) {
    Path usual = file.resolveSibling(Policy.USUAL_NAME);
    return Files.exists(usual) ? Optional.of(read(context, usual)) : Optional.empty();
  }

  private static Policy read(Invocation context, Path path) {
    return context.loader().load(path, PolicyReader::read);
  }
}
