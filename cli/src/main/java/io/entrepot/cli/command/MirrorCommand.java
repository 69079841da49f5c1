package io.entrepot.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.cli.output.Console;
import io.entrepot.cli.output.GithubActions;
import io.entrepot.cli.output.Json;
import io.entrepot.cli.output.PlanOutput;
import io.entrepot.cli.output.Progress;
import io.entrepot.cli.output.ReportOutput;
import io.entrepot.config.MirrorSettings;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.mirror.ImageResult.Outcome;
import io.entrepot.mirror.Mirror;
import io.entrepot.mirror.MirrorOptions;
import io.entrepot.mirror.MirrorPlan;
import io.entrepot.mirror.MirrorReport;
import io.entrepot.mirror.MirrorSpec;
import io.entrepot.mirror.PlannedImage;
import io.entrepot.mirror.PlannedImage.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "mirror",
    description =
        "Copy the images of a mirror.yaml: plan, verify, copy, write the lock. What is there"
            + " already is neither pulled nor pushed again.",
    footer = {
      "",
      "Examples:",
      "  entrepot mirror --dry-run                what would be copied, and what it costs",
      "  entrepot mirror                          copy, and write images.lock.yaml",
      "  entrepot mirror --check                  exit code 3 when a source tag has moved",
      "  entrepot mirror --locked                 exactly the digests of the lock",
      "  entrepot mirror --only '*grafana*'       these entries only",
    })
final class MirrorCommand extends EntrepotCommand {

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "What to mirror; mirror.yaml if not given.")
  private Path config = Path.of("mirror.yaml");

  @Option(
      names = "--lock",
      paramLabel = "FILE",
      description = "The lock file; images.lock.yaml beside the configuration if not given.")
  private @Nullable Path lock;

  @Option(names = "--dry-run", description = "Print the plan and what it costs; copy nothing.")
  private boolean dryRun;

  @Option(
      names = "--check",
      description =
          "Copy nothing; exit with 3 when a source or a target is not as the last run left it.")
  private boolean check;

  @Option(
      names = "--locked",
      description = "Copy exactly the digests of the lock; no tag is asked for at a source.")
  private boolean locked;

  @Option(
      names = "--recheck",
      description =
          "Look at every manifest and blob of the targets again, also where the lock vouches for"
              + " them, and bring what is missing.")
  private boolean recheck;

  @Option(
      names = "--only",
      paramLabel = "GLOB",
      description = "Only entries whose source or target matches; * is any text, ? one character.")
  private @Nullable String only;

  @Option(
      names = {"-j", "--jobs"},
      paramLabel = "N",
      description = "Images copied at once, 1 to 64; 16 if not given.")
  private int jobs = MirrorOptions.DEFAULTS.jobs();

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "Write what was done, or would be, as JSON.")
  private @Nullable Path report;

  @Mixin private final OutputOptions output = new OutputOptions();

  MirrorCommand(Invocation invocation) {
    super(invocation);
  }

  @Override
  ExitCode run(Invocation context) throws Exception {
    if (dryRun && check) {
      throw new UsageException("--dry-run and --check exclude each other");
    }
    if (jobs < 1 || jobs > 64) {
      throw new UsageException("--jobs takes 1 to 64, not " + jobs);
    }
    MirrorSettings settings = context.loader().loadMirror(context.file(config));
    Path lockPath = context.file(lock == null ? config.resolveSibling(LockFile.USUAL_NAME) : lock);
    Optional<LockFile> former = LockFileCodec.readIfPresent(lockPath);
    if (locked && former.isEmpty()) {
      throw new UsageException(
          "--locked needs a lock file, and there is no %s; a run without --locked writes it"
              .formatted(lockPath));
    }
    try (Session session = Session.open(context, settings.registries())) {
      return Interruption.guard(() -> mirror(context, session, settings.spec(), former, lockPath));
    }
  }

  private ExitCode mirror(
      Invocation context,
      Session session,
      MirrorSpec spec,
      Optional<LockFile> former,
      Path lockPath)
      throws IOException {
    MirrorPlan plan;
    MirrorReport done = null;
    try (Progress progress = Progress.of(context.console(), context.terminal())) {
      Mirror mirror = new Mirror(session.client(), options(), progress.listener());
      plan = mirror.plan(spec, former);
      if (plan.images().isEmpty() && only != null) {
        throw new UsageException("no entry of %s matches --only '%s'".formatted(config, only));
      }
      if (!dryRun && !check) {
        progress.images(plan.images().size());
        done = mirror.run(plan);
      }
    }
    return done == null ? show(context, plan) : conclude(context, plan, done, lockPath);
  }

  private MirrorOptions options() {
    MirrorOptions options = MirrorOptions.DEFAULTS.withJobs(jobs);
    options = only == null ? options : options.withOnly(only);
    options = check ? options.checking() : options;
    options = locked ? options.fromLock() : options;
    options = recheck ? options.rechecking() : options;
    return dryRun ? options.detailed() : options;
  }

  private ExitCode show(Invocation context, MirrorPlan plan) throws IOException {
    Console console = context.console();
    String json = report == null && !output.json() ? "" : Json.document(PlanOutput.json(plan));
    if (report != null) {
      Files.writeString(context.file(report), json, UTF_8);
    }
    if (output.json()) {
      console.document(json);
    } else if (dryRun) {
      PlanOutput.lines(plan, console.isVerbose()).forEach(console::result);
    } else {
      PlanOutput.changes(plan).forEach(console::result);
      if (plan.changes().isEmpty()) {
        console.note("nothing to change");
      }
    }
    boolean failed =
        plan.images().stream()
            .map(PlannedImage::verdict)
            .anyMatch(verdict -> verdict == Verdict.FAIL || verdict == Verdict.REFUSE);
    if (failed) {
      return ExitCode.FAILED;
    }
    return check && !plan.changes().isEmpty() ? ExitCode.CHANGES : ExitCode.DONE;
  }

  private ExitCode conclude(Invocation context, MirrorPlan plan, MirrorReport done, Path lockPath)
      throws IOException {
    LockFileCodec.write(lockPath, done.lock());
    Console console = context.console();
    String json = report == null && !output.json() ? "" : Json.document(ReportOutput.json(done));
    if (report != null) {
      Files.writeString(context.file(report), json, UTF_8);
    }
    if (output.json()) {
      console.document(json);
    } else {
      ReportOutput.print(console, done);
    }
    if (context.inGithubActions()) {
      GithubActions.annotations(done, plan.images().stream().map(PlannedImage::where).toList())
          .forEach(console::say);
      String summary = context.environment().getOrDefault("GITHUB_STEP_SUMMARY", "");
      if (!summary.isEmpty()) {
        GithubActions.summarize(Path.of(summary), done);
      }
    }
    return exitCode(done);
  }

  static ExitCode exitCode(MirrorReport done) {
    if (done.any(Outcome.FAILED) || done.any(Outcome.REFUSED)) {
      return ExitCode.FAILED;
    }
    return done.any(Outcome.POSTPONED) ? ExitCode.POSTPONED : ExitCode.DONE;
  }
}
