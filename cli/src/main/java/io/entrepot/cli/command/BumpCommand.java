package io.entrepot.cli.command;

import io.entrepot.cli.output.PinReport;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import io.entrepot.oci.Tag;
import io.entrepot.pin.Bumper;
import io.entrepot.pin.PinSettings;
import io.entrepot.registry.RegistryClient;
import io.entrepot.text.Glob;
import io.entrepot.verify.PlatformVerifier;
import io.entrepot.verify.Problem;
import io.entrepot.verify.RegistryContent;
import io.entrepot.verify.Requirement;
import io.entrepot.verify.Verification;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** {@code entrepot bump}. */
final class BumpCommand extends RewriteCommand {

  private static final List<Platform> USUAL =
      List.of(Platform.parse("linux/amd64"), Platform.parse("linux/arm64"));

  private final Option<List<Path>> paths =
      arguments().parameters(0, 1, Path.class, "PATH", "Files and directories.");

  private final Option<Tag> channel =
      arguments()
          .required(
              "--channel",
              Tag.class,
              "TAG",
              "The tag that is asked of each repository, for example main.");

  private final Option<List<String>> match =
      arguments()
          .requiredOptions(
              "--match",
              String.class,
              "GLOB",
              "Which repositories; * stays within a part of the path, ** crosses parts.");

  private final Option<List<Platform>> platforms =
      arguments()
          .options(
              "--platform",
              Platform.class,
              "P",
              "Must be in the list (default: linux/amd64 and linux/arm64).");

  BumpCommand(Invocation invocation) {
    super(
        invocation,
        "Move first-party images to the digest that their channel's tag has now.",
        "",
        "Examples:",
        "  entrepot bump sources/values/env/dev --channel main --match 'ghcr.io/acme/*'",
        "",
        "Exit codes: 0 done, 1 a repository lacks the tag or a platform, 2 usage, 3 --check found"
            + " changes, 4 a limit of pulls left something.");
  }

  @Override
  ExitCode run(Invocation context, PinSettings settings, PinReport.Form form) throws IOException {
    Requirement requirement = Requirement.of(platforms.or(USUAL));
    try (Session session = Session.open(context, settings.registries())) {
      RegistryClient client = session.client();
      Bumper bumper =
          new Bumper(
              settings.rules(),
              client,
              channel.value(),
              match.value().stream().map(Glob::of).toList(),
              (reference, digest) -> problem(client, reference, digest, requirement),
              filter(context, lockIfThere(context, settings), Optional.of(() -> client)),
              tools(context));
      Bumper.Bump bump = bumper.bump(files(context, paths.value()), List.of());
      ExitCode code = finish(context, bump.plan(), form, false);
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
