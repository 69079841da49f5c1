package io.entrepot.cli.command;

import io.entrepot.config.ByteSize;
import io.entrepot.lock.LockedCopies;
import io.entrepot.oci.RegistryName;
import io.entrepot.policy.Policy;
import io.entrepot.policy.PolicyReader;
import io.entrepot.proxy.ProxySettings;
import io.entrepot.proxy.ProxySpec;
import io.entrepot.proxy.ProxySpecReader;
import io.entrepot.proxy.admission.PolicySettings;
import io.entrepot.proxy.handler.Access;
import io.entrepot.proxy.handler.AccessLog;
import io.entrepot.proxy.login.Anonymous;
import io.entrepot.proxy.schedule.MirrorJob;
import io.entrepot.registry.MachineTrust;
import io.entrepot.registry.Upstream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The options of {@code serve} and {@code cache}: the configuration, the store and its size. */
final class ServeOptions {

  private final Option<Path> config;
  private final Option<Path> cache;
  private final Option<ByteSize> maxSize;

  ServeOptions(Arguments arguments) {
    config =
        arguments.file(
            "-c, --config",
            "proxy.yaml; without it the usual registries, pushes, and loopback only.");
    cache =
        arguments.option(
            "--cache", Path.class, "DIR", "Where the store lies (default: ~/.cache/entrepot).");
    maxSize =
        arguments.option(
            "--max-size", ByteSize.class, "SIZE", "How large the store may grow (default: 50GiB).");
  }

  ProxySettings settings(Invocation context) {
    ProxySettings usual = ProxySettings.defaults(context.home().resolve(".cache/entrepot"));
    Path file = config.orNull();
    ProxySettings settings =
        file == null
            ? usual
            : configured(
                context, usual, ProxySpecReader.load(context.loader(), context.file(file)), file);
    Path directory = cache.orNull();
    ByteSize bound = maxSize.orNull();
    return settings.with(
        new ProxySettings.Storage(
            directory == null ? settings.storage().directory() : context.file(directory),
            bound == null ? settings.storage().maxSize() : bound.bytes()));
  }

  private static ProxySettings configured(
      Invocation context, ProxySettings usual, ProxySpec spec, Path file) {
    Path directory = spec.cacheDirectory();
    Map<RegistryName, Upstream> registries = spec.registries();
    return new ProxySettings(
        new ProxySettings.Listening(
            host(spec.listen()),
            port(spec.listen()),
            tls(context, spec),
            spec.names(),
            spec.anonymous()),
        new ProxySettings.Storage(
            directory == null ? usual.storage().directory() : directory, spec.maxSize().bytes()),
        new ProxySettings.Pulling(
            registries == null ? usual.pulling().upstreams() : registries,
            LockedCopies.read(
                spec.locks(),
                spec.mirrors().stream().map(MirrorJob::lock).collect(Collectors.toSet())),
            spec.tagFreshness(),
            spec.defaultUpstream()),
        new ProxySettings.Guard(
            spec.htpasswd(),
            spec.access().stream()
                .map(rule -> new Access.Rule(rule.repositories(), rule.read(), rule.write()))
                .toList(),
            spec.issuers(),
            MachineTrust.fromEnvironment(context.environment()),
            new Anonymous(spec.anonymous(), spec.anonymousPulls())),
        spec.local(),
        AccessLog.Format.valueOf(spec.accessLog().toUpperCase(Locale.ROOT)),
        new ProxySettings.Page(spec.page(), spec.publicUrl()),
        policy(context, spec, file),
        spec.mirrors(),
        spec.hooks(),
        spec.sinks());
  }

  private static ProxySettings.@Nullable Tls tls(Invocation context, ProxySpec spec) {
    Path certificate = spec.certificate();
    Path key = spec.key();
    if (spec.automaticTls()) {
      return LocalTls.expected(context, host(spec.listen()), port(spec.listen()));
    }
    return certificate == null || key == null ? null : new ProxySettings.Tls(certificate, key);
  }

  /** The policy that proxy.yaml names, else the one beside it, if there is one. */
  private static Optional<PolicySettings> policy(
      Invocation context, ProxySpec spec, Path configuration) {
    Path beside = context.file(configuration).resolveSibling(Policy.USUAL_NAME);
    Path named = spec.policy().map(ProxySpec.PolicyChoice::file).orElse(null);
    Path file = named == null ? beside : named;
    return spec.policy().isPresent() || Files.exists(file)
        ? Optional.of(
            policy(
                context,
                file,
                spec.policy().map(ProxySpec.PolicyChoice::mode).orElse(PolicySettings.Mode.ENFORCE),
                Clock.systemUTC()))
        : Optional.empty();
  }

  /** A policy that is read again while the registry runs. */
  static PolicySettings policy(
      Invocation context, Path file, PolicySettings.Mode mode, Clock clock) {
    return new PolicySettings(
        file,
        mode,
        () -> {
          Set<Path> files = new HashSet<>(Set.of(file));
          Policy policy =
              context
                  .loader()
                  .load(
                      file,
                      (document, directory) -> PolicyReader.read(document, directory, files::add));
          return new PolicySettings.Reading(policy, files);
        },
        clock);
  }

  /** The host of {@code host:port}; every address where there is none. */
  static String host(String address) {
    String host = address.substring(0, Math.max(0, address.lastIndexOf(':')));
    return host.isEmpty() ? "0.0.0.0" : host.replaceAll("[\\[\\]]", "");
  }

  /** The port of {@code host:port}. */
  static int port(String address) {
    String port = address.substring(address.lastIndexOf(':') + 1);
    if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65535) {
      throw new UsageException("not an address: '%s' (expected HOST:PORT)".formatted(address));
    }
    return Integer.parseInt(port);
  }
}
