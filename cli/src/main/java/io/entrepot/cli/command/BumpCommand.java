package io.entrepot.cli.command;

import io.entrepot.config.PinSettings;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import io.entrepot.oci.Tag;
import io.entrepot.pin.Bumper;
import io.entrepot.registry.RegistryClient;
import io.entrepot.verify.PlatformVerifier;
import io.entrepot.verify.Problem;
import io.entrepot.verify.RegistryContent;
import io.entrepot.verify.Requirement;
import io.entrepot.verify.Verification;
import io.entrepot.yaml.Glob;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code entrepot bump}. */
@Command(
    name = "bump",
    description = "Moves first-party images to the digest that their channel's tag has now.",
    footer = {
      "",
      "Examples:",
      "  entrepot bump sources/values/env/dev --channel main --match 'ghcr.io/acme/*'",
      "",
      "Exit codes: 0 done, 1 a repository lacks the tag or a platform, 2 usage, 3 --check found"
          + " changes, 4 a limit of pulls left something."
    })
final class BumpCommand extends RewriteCommand {

  @Parameters(arity = "1..*", paramLabel = "PATH", description = "Files and directories.")
  private final List<Path> paths = new ArrayList<>();

  @SuppressWarnings("NullAway.Init") // set before the command runs
  @Option(
      names = "--channel",
      required = true,
      paramLabel = "TAG",
      description = "The tag that is asked of each repository, for example main.")
  private Tag channel;

  @Option(
      names = "--match",
      required = true,
      paramLabel = "GLOB",
      description = "Which repositories; * stays within a part of the path, ** crosses parts.")
  private final List<String> match = new ArrayList<>();

  @Option(
      names = "--platform",
      paramLabel = "P",
      description = "Must be in the list (default: linux/amd64 and linux/arm64).")
  private List<Platform> platforms =
      List.of(Platform.parse("linux/amd64"), Platform.parse("linux/arm64"));

  BumpCommand(Invocation invocation) {
    super(invocation);
  }

  @Override
  ExitCode run(Invocation context, PinSettings settings, PinReport.Form form) throws IOException {
    Requirement requirement = Requirement.of(platforms);
    try (Session session = Session.open(context, settings.registries())) {
      RegistryClient client = session.client();
      Bumper bumper =
          new Bumper(
              settings.rules(),
              client,
              channel,
              match.stream().map(Glob::of).toList(),
              (reference, digest) -> problem(client, reference, digest, requirement));
      Bumper.Bump bump = bumper.bump(files(context, paths), List.of());
      ExitCode code = finish(context.console(), bump.plan(), form, false);
      bump.idle().forEach(glob -> context.console().warn(nothing(glob)));
      return code;
    }
  }

  private static String nothing(String glob) {
    return "--match '%s' fits no image here; patterns are held against whole names, docker.io/library/redis for redis"
        .formatted(glob);
  }

  private static Optional<String> problem(
      RegistryClient client, ImageReference reference, Digest digest, Requirement requirement) {
    Verification verification =
        PlatformVerifier.verify(
            reference,
            client.fetchManifest(reference.repository().at(digest)).await(),
            new RegistryContent(client, reference.repository()),
            requirement);
    return verification.problems().stream().findFirst().map(Problem::toString);
  }
}
