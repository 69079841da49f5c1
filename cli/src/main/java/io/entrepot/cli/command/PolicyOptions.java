package io.entrepot.cli.command;

import io.entrepot.mirror.RunPolicy;
import io.entrepot.policy.Policy;
import io.entrepot.proxy.ProxySettings;
import io.entrepot.proxy.admission.PolicySettings;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/** Which policy counts, and as of when. */
final class PolicyOptions {

  private final PolicyFileOption file;
  private final Option<String> now;

  PolicyOptions(Arguments arguments) {
    file = new PolicyFileOption(arguments);
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
    return file.load(context, beside);
  }

  /** The settings of a registry with the policy and the time that are given here. */
  ProxySettings applied(Invocation context, ProxySettings settings) {
    Optional<PolicySettings> present = settings.policy();
    if (!file.isGiven() && (present.isEmpty() || !now.isGiven())) {
      return settings;
    }
    // Time goes on while it runs.
    Clock clock =
        now.isGiven()
            ? Clock.offset(Clock.systemUTC(), Duration.between(Instant.now(), clock().instant()))
            : Clock.systemUTC();
    return settings.with(
        file.isGiven()
            ? ServeOptions.policy(
                context,
                file.path(context),
                present.map(PolicySettings::mode).orElse(PolicySettings.Mode.ENFORCE),
                clock)
            : present.orElseThrow().with(clock));
  }

  /**
   * The policy of a run that copies; empty where none is named and none is there.
   *
   * @param keepsSights whether the run writes a lock file
   */
  Optional<RunPolicy> run(Invocation context, Optional<Path> beside, boolean keepsSights) {
    return load(context, beside)
        .map(policy -> new RunPolicy(policy, clock().instant(), keepsSights));
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
}
