package io.entrepot.cli.command;

import io.entrepot.cli.output.InventoryFormat;
import io.entrepot.cli.output.InventoryOutput;
import io.entrepot.gate.CheckSpec;
import io.entrepot.gate.CheckSpecReader;
import io.entrepot.gate.GateOptions;
import io.entrepot.gate.inventory.Inventory;
import io.entrepot.gate.inventory.InventoryReport;
import io.entrepot.gate.inventory.InventoryRequest;
import io.entrepot.gate.rules.AllRules;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockFileCodec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** {@code entrepot inventory}. */
final class InventoryCommand extends EntrepotCommand {

  private static final Path USUAL = Path.of("check.yaml");

  private final Option<List<Path>> paths =
      arguments()
          .parameters(
              0,
              0,
              Path.class,
              "PATH",
              "Manifests and values files, or directories of them, read as they stand.");

  private final Option<Path> config =
      arguments()
          .file(
              "-c, --config",
              "The targets and what is deployed to them (default: check.yaml, if there).");

  private final PodOptions pods = new PodOptions(arguments());

  private final LockOption lock = new LockOption(arguments());

  private final PolicyOptions policy = new PolicyOptions(arguments());

  private final Flag offline =
      arguments()
          .flag("--offline", "Ask no registry; what only they could tell is listed as not judged.");

  private final Flag online =
      arguments()
          .flag("--online", "Rendering may fetch charts and bases that are not in the tree.");

  private final Flag check =
      arguments().flag("--check", "Exit with 3 when some image has something to look at.");

  private final Option<InventoryFormat> output =
      arguments()
          .option(
              "-o, --output",
              InventoryFormat.class,
              "FORMAT",
              "text, json, csv or sarif (default: text).");

  InventoryCommand(Invocation invocation) {
    super(
        invocation,
        "Join what clusters run, what a GitOps tree says, what the lock holds and what registries"
            + " have: every image once, with what is to be looked at.",
        "",
        "States: not-in-git, not-running, digest-differs, not-mirrored, moved, gone,",
        "platform-missing, docker-hub; with a policy denied, too-young, unsigned.",
        "A list of pods that is named like a target, or like its cluster, is of that",
        "target; any other list is of all.",
        "",
        "Examples:",
        "  kubectl get pods -A -o json > prod.json",
        "  entrepot inventory --pods prod.json",
        "  entrepot inventory --pods prod=eu/pods.json --pods local=k3d.json --output csv",
        "  entrepot inventory apps/ --lock images.lock.yaml --output sarif",
        "",
        "Exit codes: 0 done; 1 something was not judged; 2 usage or configuration; 3 with",
        "--check, something was found; 4 only --offline left something unjudged.");
  }

  @Override
  ExitCode run(Invocation context) {
    if (offline.isSet() && online.isSet()) {
      throw new UsageException("--offline and --online contradict each other");
    }
    Path file = config.or(USUAL);
    boolean configured = config.isGiven() || Files.exists(context.file(file));
    CheckSpec spec =
        configured
            ? CheckSpecReader.load(context.loader(), context.file(file), AllRules.RULES)
            : CheckSpec.withoutFile();
    Path directory = context.directory().toAbsolutePath().normalize();
    Path root =
        configured
            ? Optional.ofNullable(directory.resolve(file).normalize().getParent()).orElse(directory)
            : directory;
    List<Path> named =
        paths.or(List.of()).stream().map(path -> CheckCommand.existing(context, path)).toList();
    GateOptions options =
        new GateOptions(
                root,
                named,
                offline.isSet(),
                online.isSet(),
                null,
                CheckCommand.usualCache(context))
            .running(pods.read(context));
    InventoryRequest request =
        new InventoryRequest(
            spec,
            options,
            lock(context, spec, root),
            policy.load(context, configured ? Optional.of(file) : Optional.empty()),
            policy.clock());
    InventoryReport report;
    try (LateRegistries registries = new LateRegistries(context, spec.registries())) {
      report = new Inventory(request, registries::client).take();
    }
    Path shift = directory.relativize(root);
    UnaryOperator<String> names =
        name ->
            shift.toString().isEmpty() || Path.of(name).isAbsolute()
                ? name
                : shift.resolve(name).toString().replace('\\', '/');
    InventoryFormat format = output.or(InventoryFormat.TEXT);
    if (format == InventoryFormat.TEXT) {
      InventoryOutput.print(context.console(), report, names);
    } else {
      context.console().document(InventoryOutput.document(report, format, names));
    }
    if (check.isSet() && report.findsAnything()) {
      return ExitCode.CHANGES;
    }
    if (report.unjudged().isEmpty()) {
      return ExitCode.DONE;
    }
    return offline.isSet() ? ExitCode.POSTPONED : ExitCode.FAILED;
  }

  private Optional<LockFile> lock(Invocation context, CheckSpec spec, Path root) {
    Path given = lock.given();
    if (given != null) {
      return Optional.of(LockFileCodec.read(context.file(given)));
    }
    return LockFileCodec.readIfPresent(
        root.resolve(spec.lock() == null ? LockFile.USUAL_NAME : spec.lock()));
  }
}
