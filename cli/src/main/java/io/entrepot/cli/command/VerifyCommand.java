package io.entrepot.cli.command;

import io.entrepot.cli.output.Json;
import io.entrepot.cli.output.Judged;
import io.entrepot.cli.output.VerificationOutput;
import io.entrepot.cli.output.VerificationOutput.Verified;
import io.entrepot.concurrent.Parallel;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.mirror.CopyPolicy;
import io.entrepot.mirror.MirrorEntry;
import io.entrepot.mirror.MirrorSettings;
import io.entrepot.mirror.MirrorSpecReader;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.RegistryName;
import io.entrepot.policy.LockJudge;
import io.entrepot.policy.Policy;
import io.entrepot.policy.ReferenceJudge;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import io.entrepot.registry.Upstream;
import io.entrepot.verify.PlatformVerifier;
import io.entrepot.verify.RegistryContent;
import io.entrepot.verify.Requirement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;

final class VerifyCommand extends EntrepotCommand {

  private static final int AT_ONCE = 8;

  private final Option<List<ImageReference>> references =
      arguments().parameters(0, 0, ImageReference.class, "REF", "Images.");

  private final Option<Path> lock = arguments().file("--lock", "Verify the copies in a lock file.");

  private final Option<Path> config =
      arguments()
          .file("-c, --config", "Verify the sources in a mirror.yaml, and take its registries.");

  private final Option<List<Platform>> platforms =
      arguments()
          .options(
              "--platform",
              Platform.class,
              "P",
              "A platform that must be there, for example linux/arm64; may be repeated.");

  private final Flag deep =
      arguments().flag("--deep", "Compare the program that would start with the platform.");

  private final PolicyOptions policyOptions = new PolicyOptions(arguments());

  private final OutputOptions output = new OutputOptions(arguments());

  VerifyCommand(Invocation invocation) {
    super(
        invocation,
        "Verify that the platforms are really there: list entry, child manifest and configuration must"
            + " agree; with --deep also the program that would start.",
        "",
        "With images named, each must have the platforms of --platform, or else whatever it lists.",
        "With none, the copies in the lock file are verified; with -c, the sources in mirror.yaml.",
        "With a policy, signatures, denied digests and ages are judged too; a copy in the lock file",
        "is judged by the rule of its source.",
        "",
        "Examples:",
        "  entrepot verify redis:7 --platform linux/amd64 --platform linux/arm64",
        "  entrepot verify --lock images.lock.yaml --output json",
        "  entrepot verify -c mirror.yaml --deep",
        "  entrepot verify ghcr.io/acme/app:1.0 --policy policy.yaml");
  }

  private record Wanted(ImageReference image, Requirement requirement) {}

  @Override
  ExitCode run(Invocation context) {
    List<Wanted> wanted = new ArrayList<>();
    Map<RegistryName, Upstream> registries = Map.of();
    List<ImageReference> images = references.or(List.of());
    images.forEach(image -> wanted.add(new Wanted(image.orLatest(), named())));
    if (config.isGiven()) {
      MirrorSettings settings =
          MirrorSpecReader.load(context.loader(), context.file(config.value()));
      registries = settings.registries();
      if (images.isEmpty() && !lock.isGiven()) {
        settings.spec().entries().forEach(entry -> addSources(context, wanted, entry));
      }
    }
    Path locked = lock.orNull();
    if (locked == null && images.isEmpty() && !config.isGiven()) {
      locked = usualLock(context);
    }
    LockFile copies = locked == null ? LockFile.empty() : LockFileCodec.read(context.file(locked));
    addCopies(wanted, copies);
    Optional<Policy> policy = policyOptions.load(context, Optional.ofNullable(config.orNull()));
    Clock clock = policyOptions.clock();
    try (Session session = Session.open(context, registries)) {
      Optional<LockJudge> judge =
          policy.map(given -> new LockJudge(given, sights(context, copies), clock));
      List<Verified> verified =
          Parallel.map(
              wanted, new Semaphore(AT_ONCE), each -> verify(session.client(), judge, each));
      if (output.json()) {
        context.console().document(Json.document(VerificationOutput.json(verified)));
      } else {
        VerificationOutput.print(context.console(), verified);
      }
      return verified.stream().allMatch(Verified::ok) ? ExitCode.DONE : ExitCode.FAILED;
    }
  }

  /** The lock that names sources and sights: the one that is verified, else the usual one. */
  private LockFile sights(Invocation context, LockFile copies) {
    return lock.isGiven()
        ? copies
        : LockFileCodec.readIfPresent(context.file(Path.of(LockFile.USUAL_NAME)))
            .orElseGet(LockFile::empty);
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
            (_, image) ->
                wanted.add(
                    new Wanted(
                        image.pinnedTarget(),
                        deeply(
                            image.platforms().isEmpty()
                                ? Requirement.ofArtifact()
                                : Requirement.of(platforms.or(image.platforms())).waived()))));
  }

  private void addSources(Invocation context, List<Wanted> wanted, MirrorEntry entry) {
    switch (entry) {
      case MirrorEntry.ImageCopy copy ->
          wanted.add(new Wanted(copy.source(), asked(copy.policy())));
      case MirrorEntry.Compose compose ->
          wanted.add(new Wanted(compose.composition().base(), asked(compose.policy())));
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
        platforms.isGiven() ? Requirement.of(platforms.value()).waived() : Requirement.asListed());
  }

  private Requirement asked(CopyPolicy policy) {
    if (policy.artifact()) {
      return Requirement.ofArtifact();
    }
    Requirement requirement = Requirement.of(platforms.or(policy.platforms()));
    return deeply(policy.waiver() == null ? requirement : requirement.waived());
  }

  private Requirement deeply(Requirement requirement) {
    return deep.isSet() ? requirement.deeply() : requirement;
  }

  private static Verified verify(RegistryClient client, Optional<LockJudge> judge, Wanted wanted) {
    ImageReference image = wanted.image();
    try {
      RawManifest root = client.fetchManifest(image).await();
      return new Verified(
          image.toString(),
          PlatformVerifier.verify(
              image, root, new RegistryContent(client, image.repository()), wanted.requirement()),
          null,
          judge
              .map(each -> ReferenceJudge.afresh(each, client, image, root))
              .map(Judged::new)
              .orElse(null));
    } catch (RegistryException e) {
      String message = String.valueOf(e.getMessage());
      return new Verified(
          image.toString(),
          null,
          e.code() == ErrorCode.PULL_LIMIT
              ? message + "; run again when the quota is fresh"
              : Failures.withRemedy(message, e.remedy()),
          null);
    }
  }
}
