package io.entrepot.cli.command;

import io.entrepot.cli.output.Inspection;
import io.entrepot.cli.output.Json;
import io.entrepot.cli.output.Judged;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Index;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RawManifest;
import io.entrepot.policy.LockJudge;
import io.entrepot.policy.ReferenceJudge;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

final class InspectCommand extends EntrepotCommand {

  private final ImageOptions options = new ImageOptions(arguments());

  private final RegistryOptions registries = new RegistryOptions(arguments());

  private final PolicyOptions policyOptions = new PolicyOptions(arguments());

  private final Option<Path> lock =
      arguments()
          .file(
              "--lock",
              "Where a copy's source and first sights are found (default: images.lock.yaml, if there).");

  InspectCommand(Invocation invocation) {
    super(
        invocation,
        "Show an image: its platforms and their sizes, annotations, attestations, and what refers"
            + " to it. Reads manifests, which a registry may count as one pull each.",
        "",
        "With a policy: what it decides; who has signed what, when, what proves it, and what was not",
        "proved. A copy is judged by the rule of its source. The exit code is 0 whatever it decides.",
        "",
        "Examples:",
        "  entrepot inspect redis:7",
        "  entrepot inspect ghcr.io/acme/app:1.0 --policy policy.yaml",
        "  entrepot inspect ghcr.io/acme/tool@sha256:... --output json");
  }

  @Override
  ExitCode run(Invocation context) {
    Optional<LockJudge> judge =
        policyOptions
            .load(context, registries.file())
            .map(policy -> new LockJudge(policy, locked(context), policyOptions.clock()));
    try (Session session = Session.open(context, registries.upstreams(context))) {
      Inspection inspection = inspect(context, session.client(), judge, options.image());
      if (options.json()) {
        context.console().document(Json.document(inspection.json()));
      } else {
        inspection.lines().forEach(context.console()::result);
      }
      return ExitCode.DONE;
    }
  }

  private LockFile locked(Invocation context) {
    return lock.isGiven()
        ? LockFileCodec.read(context.file(lock.value()))
        : LockFileCodec.readIfPresent(context.file(Path.of(LockFile.USUAL_NAME)))
            .orElseGet(LockFile::empty);
  }

  private static Inspection inspect(
      Invocation context, RegistryClient client, Optional<LockJudge> judge, ImageReference image) {
    RawManifest root = client.fetchManifest(image).await();
    Manifest manifest = root.parse();
    manifest.warnings().forEach(warning -> context.console().warn(image + ": " + warning));
    List<Inspection.Part> parts = new ArrayList<>();
    switch (manifest) {
      case ImageManifest single -> parts.add(new Inspection.Part(root.descriptor(), single));
      case Index index -> {
        List<Future<Inspection.Part>> wanted =
            index.manifests().stream()
                .map(
                    entry ->
                        entry.mediaType().isManifest()
                            ? client
                                .fetchManifest(image.repository().at(entry.digest()))
                                .map(child -> new Inspection.Part(entry, child.parse()))
                            : Future.succeededFuture(new Inspection.Part(entry, null)))
                .toList();
        wanted.forEach(part -> parts.add(part.await()));
      }
    }
    List<Descriptor> referrers = List.of();
    try {
      referrers = client.referrers(image.repository(), root.digest()).await().descriptors();
    } catch (RegistryException e) {
      context.console().warn("what refers to it is not known: " + e.getMessage());
    }
    return new Inspection(
        image,
        root,
        manifest,
        parts,
        referrers,
        judge.map(each -> new Judged(ReferenceJudge.afresh(each, client, image, root))));
  }
}
