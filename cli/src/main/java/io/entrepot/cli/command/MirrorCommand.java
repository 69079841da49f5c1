package io.entrepot.cli.command;

import io.entrepot.cli.output.Console;
import io.entrepot.cli.output.GithubActions;
import io.entrepot.cli.output.Json;
import io.entrepot.cli.output.PlanOutput;
import io.entrepot.cli.output.Progress;
import io.entrepot.cli.output.ReportOutput;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.mirror.ImageResult.Outcome;
import io.entrepot.mirror.Mirror;
import io.entrepot.mirror.MirrorOptions;
import io.entrepot.mirror.MirrorPlan;
import io.entrepot.mirror.MirrorReport;
import io.entrepot.mirror.MirrorSettings;
import io.entrepot.mirror.PlannedImage;
import io.entrepot.mirror.PlannedImage.Verdict;
import io.entrepot.mirror.RunPolicy;
import io.entrepot.notify.Sink;
import io.entrepot.proxy.schedule.MirrorJob;
import io.entrepot.proxy.schedule.MirrorRun;
import io.entrepot.proxy.schedule.RunResult;
import io.entrepot.proxy.schedule.Scheduler;
import io.entrepot.proxy.schedule.Timing;
import io.entrepot.text.TimeSpan;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import tools.jackson.databind.node.ObjectNode;

final class MirrorCommand extends EntrepotCommand {

  private static final Path USUAL = Path.of("mirror.yaml");

  private final Option<Path> config =
      arguments().file("-c, --config", "What to mirror (default: mirror.yaml).");

  private final Option<Path> lock =
      arguments()
          .file("--lock", "The lock file (default: images.lock.yaml beside the configuration).");

  private final Flag dryRun =
      arguments().flag("--dry-run", "Print the plan and what it costs; copy nothing.");

  private final Flag check =
      arguments()
          .flag(
              "--check",
              "Copy nothing; exit with 3 when a source or a target is not as the last run left"
                  + " it.");

  private final Flag locked =
      arguments()
          .flag(
              "--locked", "Copy exactly the digests of the lock; no tag is asked for at a source.");

  private final Flag recheck =
      arguments()
          .flag(
              "--recheck",
              "Look at every manifest and blob of the targets again, also where the lock vouches"
                  + " for them, and bring what is missing; of retained digests and of locked images"
                  + " without an entry as well.");

  private final Option<String> only =
      arguments()
          .option(
              "--only",
              String.class,
              "GLOB",
              "Only entries whose source or target matches; * is any text, ? one character.");

  private final Option<Integer> jobs =
      arguments()
          .option("-j, --jobs", int.class, "N", "Images copied at once, 1 to 64 (default: 16).");

  private final Option<Path> report =
      arguments().file("--report", "Write what was done, or would be, as JSON.");

  private final Option<String> every =
      arguments()
          .option(
              "--every",
              String.class,
              "TIME",
              "Run again and again, for example 6h, until stopped; the cache directory keeps what"
                  + " came of each run.");

  private final ViaOption via = new ViaOption(arguments());

  private final LayoutOptions layouts = new LayoutOptions(arguments());

  private final PolicyOptions policy = new PolicyOptions(arguments());

  private final OutputOptions output = new OutputOptions(arguments());

  /** Who is told, once the configuration is read. */
  private List<Sink> sinks = List.of();

  private final RunPlace place;

  MirrorCommand(Invocation invocation) {
    this(invocation, new RunPlace.Here());
  }

  MirrorCommand(Invocation invocation, RunPlace place) {
    super(
        invocation,
        "Copy the images of a mirror.yaml: plan, verify, copy, write the lock. What is there"
            + " already is neither pulled nor pushed again.",
        "",
        "Examples:",
        "  entrepot mirror --dry-run                what would be copied, and what it costs",
        "  entrepot mirror                          copy, and write images.lock.yaml",
        "  entrepot mirror --check                  exit code 3 when a source tag has moved",
        "  entrepot mirror --locked                 exactly the digests of the lock",
        "  entrepot mirror --only '*grafana*'       these entries only",
        "  entrepot mirror --every 6h               again and again, until stopped",
        "  entrepot mirror --via /var/lib/entrepot/control.sock   in the warm process of a server",
        "  entrepot mirror --to oci:carried         all of it into a directory, for a place without"
            + " network",
        "  entrepot mirror --from oci:carried       and there: from the directory to the target",
        "  entrepot mirror --to oci-archive:new.tar --since images.lock.yaml --split 4GiB   what is"
            + " new, in parts");
    this.place = place;
  }

  @Override
  ExitCode run(Invocation context) throws Exception {
    if (dryRun.isSet() && check.isSet()) {
      throw new UsageException("--dry-run and --check exclude each other");
    }
    if (check.isSet() && layouts.isGiven()) {
      throw new UsageException("--check compares sources with the target; it takes no layout");
    }
    if (locked.isSet() && layouts.isArrival()) {
      throw new UsageException("--from takes the digests of the layout's own lock");
    }
    int wanted = jobs.or(MirrorOptions.DEFAULTS.jobs());
    if (wanted < 1 || wanted > 64) {
      throw new UsageException("--jobs takes 1 to 64, not " + wanted);
    }
    if (via.isGiven() && (every.isGiven() || layouts.isGiven())) {
      throw new UsageException("--via runs a mirror.yaml once; it takes no --every and no layout");
    }
    Path file = config.or(USUAL);
    if (every.isGiven()) {
      return again(context, file);
    }
    MirrorSettings settings = place.settings(context, file);
    sinks = settings.sinks();
    Path lockPath = context.file(lock.or(file.resolveSibling(LockFile.USUAL_NAME)));
    Optional<LockFile> former = LockFileCodec.readMerging(lockPath);
    if (locked.isSet() && former.isEmpty()) {
      throw new UsageException(
          "--locked needs a lock file, and there is no %s; a run without --locked writes it"
              .formatted(lockPath));
    }
    if (via.isGiven() && place instanceof RunPlace.Here) {
      return elsewhere(context, lockPath);
    }
    boolean writes = !dryRun.isSet() && !check.isSet();
    try (Session session = place.session(context, settings.registries());
        MirrorRoute route =
            layouts.route(
                context,
                session.client(),
                settings,
                former,
                rules(context),
                locked.isSet(),
                writes)) {
      return place.guard(() -> mirror(context, route, lockPath));
    }
  }

  /** The server copies; what came of it is written, told and printed here. */
  private ExitCode elsewhere(Invocation context, Path lockPath) throws Exception {
    List<String> arguments = arguments().spec().commandLine().getParseResult().originalArgs();
    return place.guard(
        () -> {
          ObjectNode left = via.run(context, arguments);
          // As after a run of our own: files are written although it was stopped.
          boolean stopped = Thread.interrupted();
          if (left.has("lock")) {
            place.lock(
                lockPath, LockFileCodec.parse(lockPath.toString(), left.path("lock").asString("")));
          }
          if (report.isGiven() && left.has("report")) {
            place.report(context.file(report.value()), left.path("report").asString(""));
          }
          String summary = context.environment().getOrDefault("GITHUB_STEP_SUMMARY", "");
          if (!summary.isEmpty() && left.has("summary")) {
            place.summary(Path.of(summary), left.path("summary").asString(""));
          }
          if (left.path("told") instanceof ObjectNode told) {
            place.tell(context, sinks, context.file(config.or(USUAL)), told, check.isSet());
          }
          if (!stopped || left.has("lock")) {
            context.console().relay(left.path("out").asString(""), left.path("err").asString(""));
          }
          int exit = left.path("exit").asInt(ExitCode.FAILED.number());
          return Arrays.stream(ExitCode.values())
              .filter(code -> code.number() == exit)
              .findFirst()
              .orElse(ExitCode.FAILED);
        });
  }

  private ExitCode again(Invocation context, Path file) throws Exception {
    if (dryRun.isSet()
        || check.isSet()
        || locked.isSet()
        || recheck.isSet()
        || only.isGiven()
        || report.isGiven()
        || layouts.isGiven()) {
      throw new UsageException("--every runs the whole mirror.yaml; it takes -c and --lock");
    }
    Path path = context.file(file);
    MirrorJob job;
    try {
      job =
          new MirrorJob(
              MirrorJob.nameOf(path),
              path,
              context.file(lock.or(file.resolveSibling(LockFile.USUAL_NAME))),
              new Timing.Every(TimeSpan.parse(every.value())),
              List.of());
    } catch (IllegalArgumentException e) {
      throw new UsageException("--every: " + e.getMessage());
    }
    try (Session session = Session.open(context, Map.of())) {
      ScheduledMirrors work = new ScheduledMirrors(context, session.vertx(), Map.of());
      work.check(List.of(job));
      Scheduler scheduler =
          new Scheduler(
              List.of(job),
              work,
              context.home().resolve(".cache/entrepot/mirrors"),
              Clock.systemUTC(),
              ThreadLocalRandom.current()::nextDouble,
              run -> tell(context.console(), run));
      return Interruption.guard(
          () -> {
            scheduler.start();
            try {
              new CountDownLatch(1).await();
            } catch (InterruptedException e) {
              scheduler.stop();
            }
            return ExitCode.DONE;
          });
    }
  }

  private static void tell(Console console, MirrorRun run) {
    switch (run.result()) {
      case RunResult.Done done ->
          console.result(
              "%s  %d images%s%s"
                  .formatted(
                      run.started(),
                      done.report().path("images").size(),
                      done.lockChanged() ? ", the lock has changed" : "",
                      done.postponed() ? ", some wait for a quota" : ""));
      case RunResult.Broken(var reason) -> console.error(reason);
    }
  }

  private ExitCode mirror(Invocation context, MirrorRoute route, Path lockPath) throws IOException {
    MirrorPlan plan;
    MirrorReport done = null;
    KnownLists lists = new KnownLists(context);
    MirrorOptions options = options(context).remembering(lists.memory());
    try (Progress progress = Progress.of(context.console(), context.terminal())) {
      Mirror mirror = route.mirror(options, progress.listener());
      plan = route.complete(mirror.plan(route.spec(), route.planning()), options);
      lists.keep();
      if (plan.images().isEmpty() && only.isGiven()) {
        throw new UsageException(
            "no entry of %s matches --only '%s'".formatted(config.or(USUAL), only.value()));
      }
      if (!dryRun.isSet() && !check.isSet()) {
        progress.images(plan.images().size());
        done = mirror.run(plan);
      }
    }
    if (done == null) {
      return show(context, plan);
    }
    // An interrupted thread cannot write files, and what was copied belongs into the lock; that
    // the run was stopped is in the report.
    boolean whole = !Thread.interrupted();
    return conclude(context, plan, route.conclude(done, whole), lockPath);
  }

  private Optional<RunPolicy> rules(Invocation context) {
    return policy.run(context, Optional.of(config.or(USUAL)), true);
  }

  private MirrorOptions options(Invocation context) {
    MirrorOptions options =
        rules(context).map(MirrorOptions.DEFAULTS::under).orElse(MirrorOptions.DEFAULTS);
    options = options.withJobs(jobs.or(options.jobs()));
    options = only.isGiven() ? options.withOnly(only.value()) : options;
    options = check.isSet() ? options.checking() : options;
    options = locked.isSet() ? options.fromLock() : options;
    options = recheck.isSet() ? options.rechecking() : options;
    return dryRun.isSet() ? options.detailed() : options;
  }

  private boolean wantsJson() {
    return report.isGiven() || output.json();
  }

  private ExitCode show(Invocation context, MirrorPlan plan) throws IOException {
    if (check.isSet()) {
      place.tell(context, sinks, context.file(config.or(USUAL)), PlanOutput.json(plan), true);
    }
    Console console = context.console();
    String json = wantsJson() ? Json.document(PlanOutput.json(plan)) : "";
    if (report.isGiven()) {
      place.report(context.file(report.value()), json);
    }
    if (output.json()) {
      console.document(json);
    } else if (dryRun.isSet()) {
      PlanOutput.lines(plan, console.isVerbose()).forEach(console::result);
    } else {
      PlanOutput.changes(plan).forEach(console::result);
      if (plan.changes().isEmpty()) {
        console.note("nothing to change");
      }
    }
    return exitCode(plan);
  }

  /** A quota that ended while planning leaves images about which nothing is known. */
  private ExitCode exitCode(MirrorPlan plan) {
    boolean changed =
        plan.images().stream().anyMatch(image -> image.waits() || image.verdict() == Verdict.COPY);
    if (check.isSet() && changed) {
      return ExitCode.CHANGES;
    }
    boolean failed =
        plan.images().stream()
            .map(PlannedImage::verdict)
            .anyMatch(verdict -> verdict == Verdict.FAIL || verdict == Verdict.REFUSE);
    if (failed) {
      return ExitCode.FAILED;
    }
    boolean unknown =
        plan.images().stream()
            .anyMatch(image -> image.verdict() == Verdict.POSTPONE && image.origin() == null);
    return unknown ? ExitCode.POSTPONED : ExitCode.DONE;
  }

  private ExitCode conclude(Invocation context, MirrorPlan plan, MirrorReport done, Path lockPath)
      throws IOException {
    place.lock(lockPath, done.lock());
    place.tell(context, sinks, context.file(config.or(USUAL)), ReportOutput.json(done), false);
    Console console = context.console();
    String json = wantsJson() ? Json.document(ReportOutput.json(done)) : "";
    if (report.isGiven()) {
      place.report(context.file(report.value()), json);
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
        place.summary(Path.of(summary), GithubActions.markdown(done));
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
