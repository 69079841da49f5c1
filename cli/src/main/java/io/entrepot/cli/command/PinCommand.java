package io.entrepot.cli.command;

import io.entrepot.cli.output.PinReport;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.pin.ChartRenderer;
import io.entrepot.pin.Explanation;
import io.entrepot.pin.FirstPartySource;
import io.entrepot.pin.JudgedSource;
import io.entrepot.pin.LockSource;
import io.entrepot.pin.PinPlan;
import io.entrepot.pin.PinSettings;
import io.entrepot.pin.PinSource;
import io.entrepot.pin.Pinner;
import io.entrepot.pin.PolicyFilter;
import io.entrepot.pin.RegistrySource;
import io.entrepot.pin.RenderProof;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code entrepot pin}. */
final class PinCommand extends RewriteCommand {

  private final Option<List<Path>> paths =
      arguments().parameters(0, 0, Path.class, "PATH", "Files and directories.");

  private final Flag resolve =
      arguments()
          .flag(
              "--resolve",
              "Ask the registries for what the lock does not hold, and pin it in place.");

  private final Flag allowUnlocked =
      arguments()
          .flag(
              "--allow-unlocked", "Exit 0 although something was left; it is listed all the same.");

  private final Flag render =
      arguments()
          .flag(
              "--render",
              "Render the chart of each values file with helm before and after: digests go where"
                  + " the chart reads them, and what cannot be proved is left.");

  private final Option<Path> chart =
      arguments()
          .option(
              "--chart",
              Path.class,
              "DIR",
              "The chart that the values files are for (default: the one each lies in). With"
                  + " --render.");

  private final Option<String> explain =
      arguments()
          .option(
              "--explain",
              String.class,
              "FILE:LINE",
              "Say why a line is an image site or is not; change nothing.");

  PinCommand(Invocation invocation) {
    super(
        invocation,
        "Rewrite GitOps files so that every image is our mirror's, pinned by manifest-list digest.",
        "",
        "Examples:",
        "  entrepot pin sources/values                     rewrite from images.lock.yaml",
        "  entrepot pin --diff clusters apps               show what would change",
        "  entrepot pin --check .                          exit 3 if something would change",
        "  entrepot pin --resolve app.yaml                 pin in place, asking the registries",
        "  entrepot pin --render charts/app/values.yaml    prove by helm template that images are"
            + " pinned",
        "  entrepot pin --render --chart charts/loki env/dev/loki.yaml",
        "  entrepot pin --no-render apps                   without the proof by helm and kustomize",
        "  entrepot pin --explain values.yaml:12           why a line is a site or is not",
        "",
        "Exit codes: 0 done, 1 something was left, 2 usage or configuration, 3 --check found"
            + " changes, 4 a limit of pulls left something.");
  }

  @Override
  ExitCode run(Invocation context, PinSettings settings, PinReport.Form form) throws IOException {
    List<Path> named = paths.or(List.of());
    if (named.isEmpty() && !explain.isGiven()) {
      throw new UsageException(
          "pin needs a file or directory; for everything here: entrepot pin .");
    }
    Optional<Path> lockFile = usedLock(context, settings);
    LockFile lock = read(lockFile);
    PinSource locked =
        new FirstPartySource(
            new LockSource(lock, settings.rules().floating()), settings.rules().firstParty(), lock);
    if (!resolve.isSet()) {
      PolicyFilter filter = filter(context, lock, Optional.empty());
      return run(context, settings, form, lockFile, new JudgedSource(locked, filter));
    }
    PinSource first = lockFile.isPresent() ? locked : null;
    try (Session session = Session.open(context, settings.registries())) {
      PolicyFilter filter = filter(context, lock, Optional.of(session::client));
      PinSource asking = new RegistrySource(session.client(), first);
      return run(context, settings, form, lockFile, new JudgedSource(asking, filter));
    }
  }

  private ExitCode run(
      Invocation context,
      PinSettings settings,
      PinReport.Form form,
      Optional<Path> lockFile,
      PinSource source)
      throws IOException {
    if (explain.isGiven()) {
      return explain(context, explain.value(), settings, source);
    }
    Pinner pinner = new Pinner(settings.rules(), source, proof(context), tools(context));
    PinPlan plan = pinner.plan(files(context, paths.or(List.of())), lockFile.stream().toList());
    return finish(context, plan, form, allowUnlocked.isSet());
  }

  private @Nullable RenderProof proof(Invocation context) {
    Path given = chart.orNull();
    if (!render.isSet()) {
      if (given != null) {
        throw new UsageException("--chart is for --render");
      }
      return null;
    }
    Path directory = given == null ? null : context.file(given);
    if (directory != null && !Files.exists(directory.resolve("Chart.yaml"))) {
      throw new UsageException("not a chart (no Chart.yaml): " + given);
    }
    return new RenderProof(ChartRenderer.withHelm(helm(context)), directory);
  }

  private static String helm(Invocation context) {
    return program(context, "helm")
        .orElseThrow(() -> new UsageException("--render needs helm, and there is none in PATH"));
  }

  private static ExitCode explain(
      Invocation context, String place, PinSettings settings, PinSource source) throws IOException {
    int colon = place.lastIndexOf(':');
    if (colon < 1 || !place.substring(colon + 1).matches("[0-9]{1,9}")) {
      throw new UsageException("--explain takes FILE:LINE, not '%s'".formatted(place));
    }
    Path file = context.file(Path.of(place.substring(0, colon)));
    int line = Integer.parseInt(place.substring(colon + 1));
    Explanation.of(file, line, settings.rules(), source).forEach(context.console()::result);
    return ExitCode.DONE;
  }

  private Optional<Path> usedLock(Invocation context, PinSettings settings) {
    Path file = lockFile(context, settings);
    boolean needed = namesLock(settings) || !(resolve.isSet() || explain.isGiven());
    return needed || Files.exists(file) ? Optional.of(file) : Optional.empty();
  }

  private static LockFile read(Optional<Path> file) {
    if (file.isPresent() && !Files.exists(file.get())) {
      throw new UsageException(
          "no lock file %s; entrepot mirror writes it, --lock names another, --resolve needs none"
              .formatted(file.get()));
    }
    return file.map(LockFileCodec::read).orElseGet(LockFile::empty);
  }
}
