package io.entrepot.cli.command;

import io.entrepot.policy.Policy;
import io.entrepot.policy.PolicyReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/** Which policy counts, and as of when. */
final class PolicyOptions {

  private final Option<Path> file;
  private final Option<String> now;

  PolicyOptions(Arguments arguments) {
    file =
        arguments.file(
            "--policy",
            "What may run (default: policy.yaml beside the configuration, where there is one).");
    now =
        arguments.option(
            "--now",
            String.class,
            "TIME",
            "Judge by the policy as of this time, for example 2027-01-31T00:00:00Z.");
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
    Path usual =
        beside
            .map(each -> context.file(each).resolveSibling(Policy.USUAL_NAME))
            .orElseGet(() -> context.file(Path.of(Policy.USUAL_NAME)));
    return Files.exists(usual) ? Optional.of(read(context, usual)) : Optional.empty();
  }

  /** The time as of which is judged. */
  Clock clock() {
    if (!now.isGiven()) {
      return Clock.systemUTC();
    }
    try {
      Instant given = OffsetDateTime.parse(now.value()).toInstant();
      return Clock.fixed(given, ZoneOffset.UTC);
    } catch (DateTimeParseException e) {
      throw new UsageException(
          "--now: not a time: '%s' (for example 2027-01-31T00:00:00Z)".formatted(now.value()));
    }
  }

  private static Policy read(Invocation context, Path path) {
    return context.loader().load(path, PolicyReader::read);
  }
}
