package io.entrepot.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.cli.output.InitOutput;
import io.entrepot.cli.output.Json;
import io.entrepot.config.ConfigurationText;
import io.entrepot.gate.CheckSpec;
import io.entrepot.gate.CheckSpecReader;
import io.entrepot.gate.init.FirstFiles;
import io.entrepot.gate.init.InitReport;
import io.entrepot.gate.init.InitRequest;
import io.entrepot.gate.rules.AllRules;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.pods.PodList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code entrepot init}. */
final class InitCommand extends EntrepotCommand {

  private static final Path CHECK = Path.of("check.yaml");
  private static final Path MIRROR = Path.of("mirror.yaml");
  private static final Path PRINT = Path.of("-");

  private final Option<List<Path>> paths =
      arguments()
          .parameters(
              0,
              0,
              Path.class,
              "PATH",
              "Manifests and values files, or directories of them, read as they stand; - prints the files"
                  + " instead of writing them.");

  private final Option<Path> config =
      arguments()
          .file(
              "-c, --config",
              "The targets and what is deployed to them (default: check.yaml, if there).");

  private final PodOptions pods = new PodOptions(arguments());

  private final Option<String> target =
      arguments()
          .required(
              "--target",
              String.class,
              "REPO",
              "Where copies shall go, for example ghcr.io/acme/mirror.");

  private final Flag offline =
      arguments().flag("--offline", "Ask no registry, and fetch no chart and no base.");

  private final Option<List<String>> firstParty =
      arguments()
          .options(
              "--first-party",
              String.class,
              "PATTERN",
              "Images that are built here and not mirrored; * is any text. May be repeated (default:"
                  + " what check.yaml says, or all that the owner of the target has).");

  private final Flag sizes =
      arguments()
          .flag("--sizes", "Read the manifests of lists too, to say how much is to be copied.");

  private final OutputOptions output = new OutputOptions(arguments());

  InitCommand(Invocation invocation) {
    super(
        invocation,
        "Write a first mirror.yaml, and a check.yaml where there is none, out of what a GitOps tree or"
            + " a cluster runs. Nothing is overwritten.",
        "",
        "The tree is rendered as check does. Without check.yaml what Argo CD and Flux",
        "are told, overlays, charts and manifests are found by looking. Each image costs",
        "one HEAD and at most one GET of its registry; --offline asks nobody.",
        "What cannot be mirrored as it is stands there with a waiver in a comment:",
        "nothing is waived before somebody removes the #.",
        "",
        "Examples:",
        "  entrepot init --target ghcr.io/acme/mirror",
        "  entrepot init --target ghcr.io/acme/mirror --offline",
        "  entrepot init - --target ghcr.io/acme/mirror         print, write nothing",
        "  entrepot init apps/ --target ghcr.io/acme/mirror     these files as they stand",
        "  kubectl get pods -A -o json | entrepot init --target ghcr.io/acme/mirror --pods -",
        "",
        "Exit codes: 0 written, also where images cannot be mirrored as they are; 1 nothing",
        "was found; 2 usage, or a file that is there already.");
  }

  @Override
  ExitCode run(Invocation context) throws IOException {
    List<Path> given = paths.or(List.of());
    boolean print = given.contains(PRINT);
    Repository repository = target(target.value());
    if (!print && Files.exists(context.file(MIRROR))) {
      throw new UsageException(
          "mirror.yaml is there already and is left as it is; entrepot init - prints what would be"
              + " written");
    }
    Path file = config.or(CHECK);
    boolean configured = config.isGiven() || Files.exists(context.file(file));
    CheckSpec spec =
        configured
            ? CheckSpecReader.load(context.loader(), context.file(file), AllRules.RULES)
            : null;
    Path directory = context.directory().toAbsolutePath().normalize();
    List<PodList> running = pods.read(context);
    InitRequest request =
        new InitRequest(
            configured ? parent(directory.resolve(file).normalize()) : directory,
            given.stream()
                .filter(path -> !path.equals(PRINT))
                .map(path -> existing(directory, path))
                .toList(),
            spec,
            configured ? ConfigurationText.block(context.file(file), "registries") : "",
            running,
            repository,
            firstParty.or(List.of()),
            offline.isSet(),
            sizes.isSet(),
            LockFileCodec.readIfPresent(context.file(Path.of(LockFile.USUAL_NAME))),
            CheckCommand.usualCache(context));
    InitReport report;
    try (LateRegistries registries =
        new LateRegistries(context, spec == null ? Map.of() : spec.registries())) {
      report = new FirstFiles(request, registries::client).make();
    }
    return conclude(context, report, print);
  }

  private ExitCode conclude(Invocation context, InitReport report, boolean print)
      throws IOException {
    boolean write = !print && !report.isEmpty();
    if (write) {
      write(context.file(MIRROR), report.mirror());
      if (report.check() != null) {
        write(context.file(CHECK), report.check());
      }
    }
    if (output.json()) {
      context.console().document(Json.document(InitOutput.json(report, print)));
    } else {
      InitOutput.print(context.console(), report, print);
    }
    return report.isEmpty() ? ExitCode.FAILED : ExitCode.DONE;
  }

  private static void write(Path file, String text) throws IOException {
    Files.writeString(file, text, UTF_8, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  private static Repository target(String text) {
    if (!RegistryName.beginsName(text)) {
      throw new UsageException(
          "--target: '%s' names no registry and repository, for example ghcr.io/acme/mirror"
              .formatted(text));
    }
    try {
      return Repository.parse(text);
    } catch (MalformedException e) {
      throw new UsageException("--target: " + e.getMessage());
    }
  }

  private static Path existing(Path directory, Path given) {
    Path path = directory.resolve(given).normalize();
    if (!Files.exists(path)) {
      throw new UsageException("no such file or directory: " + given);
    }
    return path;
  }

  private static Path parent(Path file) {
    @Nullable Path parent = file.getParent();
    return parent == null ? file : parent;
  }
}
