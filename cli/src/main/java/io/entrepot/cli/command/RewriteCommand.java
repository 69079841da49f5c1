package io.entrepot.cli.command;

import io.entrepot.cli.output.Console;
import io.entrepot.cli.output.PinReport;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.pin.FirstPartySource;
import io.entrepot.pin.GitPatch;
import io.entrepot.pin.PinPlan;
import io.entrepot.pin.PinRulesReader;
import io.entrepot.pin.PinSettings;
import io.entrepot.pin.PlanWriter;
import io.entrepot.pin.PolicyFilter;
import io.entrepot.pin.Proof;
import io.entrepot.policy.LockJudge;
import io.entrepot.policy.ReferenceJudge;
import io.entrepot.registry.RegistryClient;
import io.entrepot.render.RenderTools;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the commands that rewrite GitOps files have in common. */
abstract class RewriteCommand extends EntrepotCommand {

  /** For one build; what takes longer is not proved. */
  private static final Duration PROOF_TIMEOUT = Duration.ofSeconds(30);

  private final Option<Path> config =
      arguments()
          .file(
              "-c, --config",
              "Rules for places that no convention covers (default: pin.yaml, if there).");

  private final Flag check =
      arguments().flag("--check", "Change nothing; exit 3 if something would change.");

  private final Flag diff =
      arguments().flag("--diff", "Change nothing; print a patch for git apply.");

  private final Flag noRender =
      arguments()
          .flag(
              "--no-render",
              "Do not prove the changes by rendering the kustomizations, charts and releases that"
                  + " they touch before and after.");

  private final Option<String> output =
      arguments()
          .option(
              "-o, --output", String.class, "FORMAT", "text, json or markdown (default: text).");

  private final LockOption lock = new LockOption(arguments());

  private final PolicyOptions policy = new PolicyOptions(arguments());

  RewriteCommand(Invocation invocation, String description, String... footer) {
    super(invocation, description, footer);
  }

  @Override
  final ExitCode run(Invocation context) throws IOException {
    PinReport.Form form = form();
    PinSettings settings = settings(context);
    try {
      return run(context, settings, form);
    } catch (NoSuchFileException e) {
      throw new UsageException("no such file or directory: " + e.getMessage());
    }
  }

  /** Does the work, with what {@code pin.yaml} says. */
  abstract ExitCode run(Invocation context, PinSettings settings, PinReport.Form form)
      throws IOException;

  /**
   * Writes the changed files, unless {@code --check} or {@code --diff} is set, and prints the
   * report.
   */
  final ExitCode finish(
      Invocation context, PinPlan planned, PinReport.Form form, boolean leftIsAllowed)
      throws IOException {
    PinPlan plan =
        noRender.isSet() && !planned.edits().isEmpty()
            ? planned.with(Proof.not("everything", "--no-render was given"))
            : planned;
    Console console = context.console();
    boolean dry = check.isSet() || diff.isSet();
    if (!dry) {
      PlanWriter.write(plan);
    }
    if (form != PinReport.Form.TEXT) {
      PinReport.print(console, plan, form, dry);
    } else if (diff.isSet()) {
      console.document(GitPatch.of(plan, context.directory()));
      plan.left().forEach(left -> console.say(PinReport.line(left)));
      PinReport.rendered(plan.proof()).lines().forEach(console::say);
    } else if (!console.isQuiet()) {
      PinReport.print(console, plan, form, dry);
    }
    if (check.isSet() && !plan.edits().isEmpty()) {
      return ExitCode.CHANGES;
    }
    if (!plan.blocked() || leftIsAllowed) {
      return ExitCode.DONE;
    }
    return plan.postponed() ? ExitCode.POSTPONED : ExitCode.FAILED;
  }

  /**
   * The programs that prove a plan by rendering, or null where {@code --no-render} is set; one that
   * is not there is named by what it would have rendered.
   */
  final @Nullable RenderTools tools(Invocation context) {
    return noRender.isSet()
        ? null
        : new RenderTools(
            program(context, "helm").orElse("helm"),
            program(context, "kustomize").orElse("kustomize"),
            PROOF_TIMEOUT);
  }

  /** A program of the path. */
  static Optional<String> program(Invocation context, String name) {
    String path = context.environment().getOrDefault("PATH", "");
    for (String directory : path.split(File.pathSeparator, -1)) {
      Path program = Path.of(directory, name);
      if (!directory.isEmpty() && Files.isExecutable(program)) {
        return Optional.of(program.toAbsolutePath().toString());
      }
    }
    return Optional.empty();
  }

  /** The lock file that the command line or {@code pin.yaml} names, else the usual name. */
  final Path lockFile(Invocation context, PinSettings settings) {
    Path given = lock.given();
    if (given != null) {
      return context.file(given);
    }
    Path configured = settings.lock();
    return configured == null ? context.file(Path.of(LockFile.USUAL_NAME)) : configured;
  }

  /** Whether the command line or {@code pin.yaml} names a lock file. */
  final boolean namesLock(PinSettings settings) {
    return lock.given() != null || settings.lock() != null;
  }

  /**
   * What the policy admits by what the lock says, and by what registries say where they may be
   * asked.
   *
   * @param registries empty where none may be asked
   */
  final PolicyFilter filter(
      Invocation context, LockFile locked, Optional<Supplier<RegistryClient>> registries) {
    return policy
        .load(context, Optional.ofNullable(config.orNull()))
        .map(
            given -> {
              LockJudge judge = new LockJudge(given, locked, policy.clock());
              return PolicyFilter.of(
                  registries
                      .map(client -> ReferenceJudge.online(judge, client))
                      .orElseGet(() -> ReferenceJudge.offline(judge)),
                  given);
            })
        .orElseGet(PolicyFilter::none);
  }

  /**
   * The lock file, or an empty one where there is none and none is named.
   *
   * @throws UsageException where a named one is not there
   */
  final LockFile lockIfThere(Invocation context, PinSettings settings) {
    Path file = lockFile(context, settings);
    if (namesLock(settings) && !Files.exists(file)) {
      throw new UsageException("no lock file " + file);
    }
    return LockFileCodec.readIfPresent(file).orElseGet(LockFile::empty);
  }

  /** Files and directories named on the command line. */
  static List<Path> files(Invocation context, List<Path> given) {
    return given.stream().map(context::file).toList();
  }

  private PinReport.Form form() {
    String form = output.or("text");
    return switch (form) {
      case "text" -> PinReport.Form.TEXT;
      case "json" -> PinReport.Form.JSON;
      case "markdown" -> PinReport.Form.MARKDOWN;
      default ->
          throw new UsageException(
              "not an output format: '%s' (text, json or markdown)".formatted(form));
    };
  }

  private PinSettings settings(Invocation context) throws IOException {
    Path file = context.file(config.or(Path.of("pin.yaml")));
    PinSettings settings =
        config.isGiven() || Files.exists(file)
            ? PinRulesReader.load(context.loader(), file)
            : PinSettings.usual();
    return settings.rules().firstParty().isEmpty()
        ? settings.with(
            settings
                .rules()
                .withFirstParty(FirstPartySource.patternsOf(context.file(Path.of("check.yaml")))))
        : settings;
  }
}
