package io.entrepot.cli.command;

import io.entrepot.cli.output.Console;
import io.entrepot.cli.output.GateFormat;
import io.entrepot.cli.output.GateOutput;
import io.entrepot.cli.output.GithubActions;
import io.entrepot.cli.output.StatusLine;
import io.entrepot.gate.CheckSpec;
import io.entrepot.gate.CheckSpecReader;
import io.entrepot.gate.Gate;
import io.entrepot.gate.GateOptions;
import io.entrepot.gate.GateReport;
import io.entrepot.gate.PolicyDecisions;
import io.entrepot.gate.rules.AllRules;
import io.entrepot.lock.LockFile;
import io.entrepot.policy.Policy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** {@code entrepot check}. */
final class CheckCommand extends EntrepotCommand {

  private static final Path USUAL = Path.of("check.yaml");

  private final Option<List<Path>> paths =
      arguments()
          .parameters(
              0,
              0,
              Path.class,
              "PATH",
              "Manifests and values files, or directories of them, judged as they stand.");

  private final Option<Path> config =
      arguments()
          .file(
              "-c, --config",
              "The targets and what is asked of them (default: check.yaml, if there).");

  private final Option<GateFormat> output =
      arguments()
          .option(
              "-o, --output",
              GateFormat.class,
              "FORMAT",
              "text, json, sarif, github or junit (default: text).");

  private final Option<List<Path>> reports =
      arguments()
          .options(
              "--report",
              Path.class,
              "FILE",
              "Write the report to a file as well; its ending says in which form: .json, .sarif or"
                  + " .xml (JUnit). May be repeated.");

  private final Flag offline =
      arguments()
          .flag("--offline", "Ask no registry: the lock and the cache alone speak for images.");

  private final Flag online =
      arguments()
          .flag("--online", "Rendering may fetch charts and bases that are not in the tree.");

  private final Option<String> base =
      arguments()
          .option(
              "--base",
              String.class,
              "REV",
              "A git revision, such as origin/main: report only what the change since brought, and"
                  + " judge fields that cannot be changed in place.");

  private final PodOptions pods = new PodOptions(arguments());

  private final LockOption lock = new LockOption(arguments());

  private final PolicyOptions policyOptions = new PolicyOptions(arguments());

  private final Flag allowUnjudged =
      arguments()
          .flag(
              "--allow-unjudged",
              "Exit 0 although something was not judged; it is listed all the same.");

  private final Option<Path> cache =
      arguments()
          .option(
              "--cache",
              Path.class,
              "DIR",
              "Registries' answers that never change (default: ~/.cache/entrepot-check, or below"
                  + " XDG_CACHE_HOME).");

  CheckCommand(Invocation invocation) {
    super(
        invocation,
        "Refuse a change that would break one of the targets of a GitOps tree. Render"
            + " what check.yaml names with helm and kustomize, and judge every object and image for"
            + " every target.",
        "",
        "With files or directories named, these are judged as they stand and nothing",
        "is rendered. What cannot be judged is listed and is not passed: offline, an",
        "image that neither the lock nor the cache knows.",
        "",
        "Examples:",
        "  entrepot check                            what check.yaml asks, here",
        "  entrepot check --base origin/main         only what this change brought",
        "  entrepot check --offline                  by the lock and the cache alone",
        "  entrepot check rendered/ --lock images.lock.yaml",
        "  entrepot check --pods prod=pods.json      and whether prod runs what git says",
        "  entrepot check --output github --report check.sarif --report check.xml",
        "",
        "Exit codes: 0 nothing refused; 1 something was refused or could not be",
        "judged; 2 usage or configuration; 4 nothing was refused, but --offline left",
        "something unjudged.");
  }

  @Override
  ExitCode run(Invocation context) throws IOException {
    if (offline.isSet() && online.isSet()) {
      throw new UsageException("--offline and --online contradict each other");
    }
    reports.or(List.of()).forEach(CheckCommand::form);
    Path file = config.or(USUAL);
    boolean configured = config.isGiven() || Files.exists(context.file(file));
    if (!configured && !paths.isGiven()) {
      throw new UsageException(
          "there is no check.yaml here; write one (config/check.yaml shows every key), name another"
              + " with -c, or name what to judge as it stands: entrepot check PATH...");
    }
    CheckSpec spec =
        configured
            ? CheckSpecReader.load(context.loader(), context.file(file), AllRules.RULES)
            : CheckSpec.withoutFile();
    Path directory = context.directory().toAbsolutePath().normalize();
    Path root = configured ? parent(directory.resolve(file).normalize()) : directory;
    Path lockFile = lock.given();
    if (lockFile != null) {
      spec = spec.withLock(below(root, existing(context, lockFile)));
    } else if (!configured && Files.exists(root.resolve(LockFile.USUAL_NAME))) {
      spec = spec.withLock(LockFile.USUAL_NAME);
    }
    List<Path> named = paths.or(List.of()).stream().map(path -> existing(context, path)).toList();
    GateOptions options =
        new GateOptions(root, named, offline.isSet(), online.isSet(), base.orNull(), cache(context))
            .running(pods.read(context));
    Optional<Policy> policy =
        policyOptions.load(context, configured ? Optional.of(file) : Optional.empty());
    if (policy.isPresent()) {
      options = options.with(new PolicyDecisions.InForce(policy.get(), policyOptions.clock()));
    }
    GateReport report;
    try (LateRegistries registries = new LateRegistries(context, spec.registries())) {
      try (StatusLine steps = new StatusLine(context.console(), context.terminal())) {
        report = new Gate(AllRules.JUDGEMENTS, registries::client, steps).check(spec, options);
      }
    }
    Path shift = directory.relativize(root);
    return finish(
        context,
        shift.toString().isEmpty()
            ? report
            : GateOutput.renamed(
                report, name -> Path.of(name).isAbsolute() ? name : slashes(shift.resolve(name))),
        slashes(file));
  }

  private ExitCode finish(Invocation context, GateReport report, String configuration)
      throws IOException {
    Console console = context.console();
    GateFormat format = output.or(GateFormat.TEXT);
    if (format == GateFormat.TEXT) {
      GateOutput.print(console, report);
    } else {
      console.document(GateOutput.document(report, format, configuration));
    }
    for (Path each : reports.or(List.of())) {
      Files.writeString(context.file(each), GateOutput.document(report, form(each), configuration));
    }
    if (context.inGithubActions() && format != GateFormat.GITHUB) {
      GateOutput.annotations(report).forEach(console::say);
    }
    String summary = context.environment().getOrDefault("GITHUB_STEP_SUMMARY", "");
    if (!summary.isEmpty() && (context.inGithubActions() || format == GateFormat.GITHUB)) {
      GithubActions.summarize(Path.of(summary), GateOutput.markdown(report));
    }
    if (report.refuses()) {
      return ExitCode.FAILED;
    }
    if (!report.leavesUnjudged() || allowUnjudged.isSet()) {
      return ExitCode.DONE;
    }
    return offline.isSet() ? ExitCode.POSTPONED : ExitCode.FAILED;
  }

  private Path cache(Invocation context) {
    return cache.isGiven() ? context.directory().resolve(cache.value()) : usualCache(context);
  }

  /** Where registries' answers are kept that never change. */
  static Path usualCache(Invocation context) {
    return context.caches().resolve("entrepot-check");
  }

  private static GateFormat form(Path report) {
    String name = report.toString();
    return switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "json" -> GateFormat.JSON;
      case "sarif" -> GateFormat.SARIF;
      case "xml" -> GateFormat.JUNIT;
      default ->
          throw new UsageException(
              "--report takes a file that ends in .json, .sarif or .xml, not '%s'".formatted(name));
    };
  }

  static Path existing(Invocation context, Path given) {
    Path path = context.directory().toAbsolutePath().resolve(given).normalize();
    if (!Files.exists(path)) {
      throw new UsageException("no such file or directory: " + given);
    }
    return path;
  }

  private static Path parent(Path file) {
    Path parent = file.getParent();
    return parent == null ? file : parent;
  }

  private static String below(Path root, Path file) {
    return slashes(file.startsWith(root) ? root.relativize(file) : file);
  }

  private static String slashes(Path path) {
    return path.toString().replace('\\', '/');
  }
}
