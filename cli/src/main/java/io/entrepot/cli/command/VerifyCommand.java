package io.entrepot.cli.command;

import io.entrepot.cli.output.Json;
import io.entrepot.cli.output.VerificationOutput;
import io.entrepot.cli.output.VerificationOutput.Verified;
import io.entrepot.config.MirrorSettings;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.mirror.CopyPolicy;
import io.entrepot.mirror.MirrorEntry;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.RegistryName;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import io.entrepot.registry.Upstream;
import io.entrepot.verify.Parallel;
import io.entrepot.verify.PlatformVerifier;
import io.entrepot.verify.RegistryContent;
import io.entrepot.verify.Requirement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "verify",
    description =
        "Are the platforms really there? List entry, child manifest and configuration must"
            + " agree; with --deep also the program that would start.",
    footer = {
      "",
      "With images named, each must have the platforms of --platform, or else whatever it lists.",
      "With none, the copies in the lock file are verified; with -c, the sources in mirror.yaml.",
      "",
      "Examples:",
      "  entrepot verify redis:7 --platform linux/amd64 --platform linux/arm64",
      "  entrepot verify --lock images.lock.yaml --output json",
      "  entrepot verify -c mirror.yaml --deep",
    })
final class VerifyCommand extends EntrepotCommand {

  private static final int AT_ONCE = 8;

  @Parameters(paramLabel = "REF", arity = "0..*", description = "Images.")
  private final List<ImageReference> references = new ArrayList<>();

  @Option(names = "--lock", paramLabel = "FILE", description = "Verify the copies in a lock file.")
  private @Nullable Path lock;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "Verify the sources in a mirror.yaml, and take its registries.")
  private @Nullable Path config;

  @Option(
      names = "--platform",
      paramLabel = "P",
      description = "A platform that must be there, for example linux/arm64; may be repeated.")
  private final List<Platform> platforms = new ArrayList<>();

  @Option(names = "--deep", description = "Compare the program that would start with the platform.")
  private boolean deep;

  @Mixin private final OutputOptions output = new OutputOptions();

  VerifyCommand(Invocation invocation) {
    super(invocation);
  }

  private record Wanted(ImageReference image, Requirement requirement) {}

  @Override
  ExitCode run(Invocation context) {
    List<Wanted> wanted = new ArrayList<>();
    Map<RegistryName, Upstream> registries = Map.of();
    references.forEach(image -> wanted.add(new Wanted(image.orLatest(), named())));
    if (config != null) {
      MirrorSettings settings = context.loader().loadMirror(context.file(config));
      registries = settings.registries();
      if (references.isEmpty() && lock == null) {
        settings.spec().entries().forEach(entry -> addSources(context, wanted, entry));
      }
    }
    Path locked =
        lock != null ? lock : references.isEmpty() && config == null ? usualLock(context) : null;
    if (locked != null) {
      addCopies(wanted, LockFileCodec.read(context.file(locked)));
    }
    try (Session session = Session.open(context, registries)) {
      List<Verified> verified =
          Parallel.map(wanted, new Semaphore(AT_ONCE), each -> verify(session.client(), each));
      if (output.json()) {
        context.console().document(Json.document(VerificationOutput.json(verified)));
      } else {
        VerificationOutput.print(context.console(), verified);
      }
      return verified.stream().allMatch(Verified::ok) ? ExitCode.DONE : ExitCode.FAILED;
    }
  }

  private static Path usualLock(Invocation context) {
    Path usual = Path.of(LockFile.USUAL_NAME);
    if (!Files.exists(context.file(usual))) {
      throw new UsageException(
          "nothing to verify: name an image, or give --lock FILE or -c mirror.yaml (there is no %s"
                  .formatted(usual)
              + " here)");
    }
    return usual;
  }

  private void addCopies(List<Wanted> wanted, LockFile file) {
    file.images()
        .forEach(
            (source, image) ->
                wanted.add(
                    new Wanted(
                        image.pinnedTarget(),
                        deeply(
                            image.platforms().isEmpty()
                                ? Requirement.ofArtifact()
                                : Requirement.of(platformsOr(image.platforms())).waived()))));
  }

  private void addSources(Invocation context, List<Wanted> wanted, MirrorEntry entry) {
    switch (entry) {
      case MirrorEntry.ImageCopy copy ->
          wanted.add(new Wanted(copy.source(), asked(copy.policy())));
      case MirrorEntry.Assembly assembly ->
          assembly
              .parts()
              .forEach(
                  (platform, part) ->
                      wanted.add(
                          new Wanted(part, deeply(Requirement.of(List.of(platform)).waived()))));
      case MirrorEntry.TagSelection selection ->
          context
              .console()
              .warn(
                  "%s: the tags of %s are chosen when mirroring; not verified"
                      .formatted(selection.where(), selection.source()));
    }
  }

  private Requirement named() {
    // One platform asked for by name is there also in an image that is no list.
    return deeply(
        platforms.isEmpty() ? Requirement.asListed() : Requirement.of(platforms).waived());
  }

  private Requirement asked(CopyPolicy policy) {
    if (policy.artifact()) {
      return Requirement.ofArtifact();
    }
    Requirement requirement = Requirement.of(platformsOr(policy.platforms()));
    return deeply(policy.waiver() == null ? requirement : requirement.waived());
  }

  private List<Platform> platformsOr(List<Platform> otherwise) {
    return platforms.isEmpty() ? otherwise : platforms;
  }

  private Requirement deeply(Requirement requirement) {
    return deep ? requirement.deeply() : requirement;
  }

  private static Verified verify(RegistryClient client, Wanted wanted) {
    ImageReference image = wanted.image();
    try {
      RawManifest root = client.fetchManifest(image).await();
      return new Verified(
          image.toString(),
          PlatformVerifier.verify(
              image, root, new RegistryContent(client, image.repository()), wanted.requirement()),
          null);
    } catch (RegistryException e) {
      String message = String.valueOf(e.getMessage());
      return new Verified(
          image.toString(),
          null,
          e.code() == ErrorCode.PULL_LIMIT
              ? message + "; run again when the quota is fresh"
              : Failures.withRemedy(message, e.remedy()));
    }
  }
}
