package io.entrepot.cli.command;

import io.entrepot.cli.output.Json;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.ImageReference;

final class DigestCommand extends EntrepotCommand {

  private final ImageOptions options = new ImageOptions(arguments());

  private final RegistryOptions registries = new RegistryOptions(arguments());

  DigestCommand(Invocation invocation) {
    super(
        invocation,
        "Print the digest of an image's manifest list. Costs no pull.",
        "",
        "Examples:",
        "  entrepot digest redis:7",
        "  entrepot digest ghcr.io/acme/mirror/grafana:12.1.0 --output json");
  }

  @Override
  ExitCode run(Invocation context) {
    try (Session session = Session.open(context, registries.upstreams(context))) {
      ImageReference image = options.image();
      Descriptor descriptor = session.client().resolve(image).await();
      boolean list = descriptor.mediaType().isIndex();
      if (options.json()) {
        context
            .console()
            .document(
                Json.document(
                    Json.object()
                        .put("reference", image.toString())
                        .put("digest", descriptor.digest().toString())
                        .put("mediaType", descriptor.mediaType().value())
                        .put("list", list)
                        .put("size", descriptor.size())));
      } else {
        context.console().result(descriptor.digest().toString());
      }
      if (!list) {
        context
            .console()
            .warn(
                "%s is no manifest list but %s: whoever pins this digest gets one architecture"
                    .formatted(image, descriptor.mediaType()));
      }
      return ExitCode.DONE;
    }
  }
}
