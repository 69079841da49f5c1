package io.entrepot.cli.command;

import io.entrepot.config.RegistriesReader;
import io.entrepot.oci.RegistryName;
import io.entrepot.registry.Upstream;
import io.entrepot.registry.Upstreams;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The options that say how registries are reached, of commands without a file of their own. */
final class RegistryOptions {

  private final Option<Path> config;
  private final Option<Path> ca;

  RegistryOptions(Arguments arguments) {
    config =
        arguments.file(
            "-c, --config",
            "A file with registries: how each is reached. Any file of ours: mirror.yaml, proxy.yaml,"
                + " pin.yaml or check.yaml.");
    ca =
        arguments.file(
            "--ca", "Certificates to trust beside the system's, in PEM, for every registry.");
  }

  /** The file with the registries, beside which a policy lies; empty where none is named. */
  Optional<Path> file() {
    return Optional.ofNullable(config.orNull());
  }

  /** How each registry is reached. */
  Upstreams upstreams(Invocation context) {
    Path named = ca.orNull();
    Path certificates = named == null ? null : context.file(named);
    if (certificates != null && !Files.isRegularFile(certificates)) {
      throw new UsageException("no such file: " + named);
    }
    Map<RegistryName, Upstream> configured = configured(context);
    return Upstreams.each(
        name -> trusting(configured.getOrDefault(name, Upstream.of(name)), certificates));
  }

  private Map<RegistryName, Upstream> configured(Invocation context) {
    Path file = config.orNull();
    Map<RegistryName, Upstream> registries = new HashMap<>();
    return file == null
        ? registries
        : context
            .loader()
            .load(
                context.file(file),
                (document, directory) -> {
                  document
                      .root()
                      .eachProperty(
                          (key, value) -> {
                            if (key.text().equals("registries")) {
                              registries.putAll(new RegistriesReader(directory, true).read(value));
                            }
                          });
                  document.finish();
                  return registries;
                });
  }

  /** What the file says of one registry goes before what the option says of all. */
  private static Upstream trusting(Upstream upstream, @Nullable Path certificates) {
    return certificates == null || upstream.ca() != null
        ? upstream
        : new Upstream(
            upstream.name(),
            upstream.endpoints(),
            upstream.credentials(),
            upstream.tokenRealms(),
            upstream.keepPulls(),
            certificates);
  }
}
