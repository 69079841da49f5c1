package io.entrepot.cli.command;

import io.entrepot.cli.output.Json;
import io.entrepot.cli.output.PruneOutput;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.mirror.MirrorSettings;
import io.entrepot.mirror.MirrorSpecReader;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.prune.Forge;
import io.entrepot.prune.MarkReader;
import io.entrepot.prune.Marks;
import io.entrepot.prune.PruneReport;
import io.entrepot.prune.PruneRequest;
import io.entrepot.prune.Pruner;
import io.entrepot.registry.Upstream;
import io.entrepot.registry.auth.CredentialSources;
import io.entrepot.registry.auth.Credentials;
import io.entrepot.registry.auth.Origin;
import io.entrepot.registry.auth.Secret;
import io.entrepot.text.Glob;
import io.entrepot.text.TimeSpan;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code entrepot prune}. */
final class PruneCommand extends EntrepotCommand {

  private static final Path USUAL = Path.of("mirror.yaml");
  private static final RegistryName GHCR = new RegistryName("ghcr.io");
  private static final String PUBLIC_API = "https://api.github.com";

  private final Option<List<Path>> paths =
      arguments()
          .parameters(
              0,
              0,
              Path.class,
              "PATH",
              "Trees beside the lock's own working tree whose files pin images.");

  private final Option<Path> config =
      arguments().file("-c, --config", "What is mirrored, and where to (default: mirror.yaml).");

  private final Option<Path> lock =
      arguments()
          .file("--lock", "The lock file (default: images.lock.yaml beside the configuration).");

  private final PodOptions pods = new PodOptions(arguments());

  private final Option<String> since =
      arguments()
          .option(
              "--since",
              String.class,
              "AGE",
              "How long what a lock let go of stays, and how far back locks and tags of git count"
                  + " (default: 90d).");

  private final Option<List<ImageReference>> keep =
      arguments()
          .options("--keep", ImageReference.class, "REF", "An image that stays; may be repeated.");

  private final Flag confirm =
      arguments().flag("--confirm", "Remove; without it only say what would be removed.");

  private final OutputOptions output = new OutputOptions(arguments());

  PruneCommand(Invocation invocation) {
    super(
        invocation,
        "Clean the target of a mirror: remove what neither the lock and its git history, nor files,"
            + " nor clusters need. A list is never broken. Where anything could not be read, nothing is"
            + " removed.",
        "",
        "What stays: every digest in any file at the head of any branch, at tags younger than",
        "--since and in every lock that was in force since then, in the working tree and in",
        "PATHs, and what pods run; with children, attestations, referrers and signatures.",
        "Only repositories that a lock ever named are looked at. At GHCR manifests are removed",
        "by GitHub's API, which takes a token with delete:packages and the role admin.",
        "",
        "Examples:",
        "  entrepot prune                             what would be removed, and why the rest stays",
        "  entrepot prune --pods prod.json --confirm  remove it",
        "  entrepot prune --since 30d --keep ghcr.io/acme/mirror/redis:7.0",
        "",
        "Exit codes: 0 done; 1 something was not seen or not removed; 2 usage, or no lock;",
        "4 a limit of requests is used up: run again later.");
  }

  @Override
  ExitCode run(Invocation context) {
    Path file = config.or(USUAL);
    MirrorSettings settings = MirrorSpecReader.load(context.loader(), context.file(file));
    Repository target =
        settings
            .target()
            .orElseThrow(
                () ->
                    new UsageException(
                        "%s has no target: at its top, below which prune could look"
                            .formatted(file)));
    Path lockFile = context.file(lock.or(file.resolveSibling(LockFile.USUAL_NAME)));
    if (!Files.exists(lockFile)) {
      throw new UsageException(
          "there is no %s: without a lock nothing says what is needed".formatted(lockFile));
    }
    LockFile held = LockFileCodec.read(lockFile);
    Instant now = Clock.systemUTC().instant();
    Duration age = age();
    List<Path> trees =
        paths.or(List.of()).stream().map(path -> CheckCommand.existing(context, path)).toList();
    Marks marks =
        MarkReader.read(lockFile, held, trees, pods.read(context), target, now.minus(age));
    PruneRequest request =
        new PruneRequest(
            target,
            settings.keep().stream().map(Glob::ofName).toList(),
            keep.or(List.of()),
            age,
            now,
            confirm.isSet(),
            CheckCommand.usualCache(context).resolveSibling("entrepot-prune"));
    PruneReport report;
    try (Session session = Session.open(context, settings.registries())) {
      Optional<Forge> forge = forge(context, settings, target);
      report =
          forge.isPresent()
              ? Pruner.byGithub(session.client(), request, marks, forge.get())
              : Pruner.byRegistry(session.client(), request, marks);
    }
    if (output.json()) {
      context.console().document(Json.document(PruneOutput.json(report)));
    } else {
      PruneOutput.print(context.console(), report, confirm.isSet());
    }
    return report.unseen().isEmpty() && report.failures().isEmpty()
        ? ExitCode.DONE
        : ExitCode.FAILED;
  }

  private Duration age() {
    try {
      return TimeSpan.parse(since.or("90d"));
    } catch (IllegalArgumentException e) {
      throw new UsageException("--since: " + e.getMessage());
    }
  }

  /** GitHub's API for its own registry, and for a registry that names one. */
  private static Optional<Forge> forge(
      Invocation context, MirrorSettings settings, Repository target) {
    RegistryName registry = target.registry();
    @Nullable Upstream upstream = settings.registries().get(registry);
    @Nullable URI configured = upstream == null ? null : upstream.api();
    if (configured == null && !registry.equals(GHCR)) {
      return Optional.empty();
    }
    String variable = context.environment().getOrDefault("GITHUB_API_URL", "");
    URI api =
        configured != null
            ? configured
            : URI.create((variable.isEmpty() ? PUBLIC_API : variable).replaceAll("/+$", ""));
    Origin origin = Origin.of(api);
    if (configured == null && !origin.isSecure() && !origin.registryName().isLoopback()) {
      throw new UsageException("GITHUB_API_URL: a token goes to https only, not to " + api);
    }
    return Optional.of(new Forge(api, token(context, upstream, target), Clock.systemUTC()));
  }

  private static Optional<Secret> token(
      Invocation context, @Nullable Upstream upstream, Repository target) {
    if (upstream != null && upstream.credentials() != null) {
      return Optional.of(upstream.credentials().secret());
    }
    Optional<Secret> known =
        CredentialSources.standard(
                context.environment(), context.home(), Map.of(), context.console()::warn)
            .accounts(target.registry())
            .find(target.path())
            .map(Credentials::secret);
    String variable = context.environment().getOrDefault("GITHUB_TOKEN", "");
    return known.isPresent() || variable.isEmpty() ? known : Optional.of(new Secret(variable));
  }
}
