package io.entrepot.cli.command;

import io.entrepot.config.ByteSize;
import io.entrepot.config.ProxySpec;
import io.entrepot.lock.LockedCopies;
import io.entrepot.oci.RegistryName;
import io.entrepot.proxy.ProxyServer;
import io.entrepot.proxy.ProxySettings;
import io.entrepot.proxy.handler.Access;
import io.entrepot.proxy.handler.AccessLog;
import io.entrepot.registry.ClientSettings;
import io.entrepot.registry.ForwardProxies;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.Upstream;
import io.entrepot.registry.auth.CredentialSources;
import io.entrepot.store.StoreException;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "serve",
    description =
        "Be the registry a cluster talks to: a cache for every upstream, and local pushes.",
    footer = {
      "",
      "Examples:",
      "  entrepot serve",
      "  docker pull localhost:5000/docker.io/library/redis:7",
      "  docker push localhost:5000/team/app:dev",
      "  entrepot serve -c proxy.yaml --max-size 20GiB",
    })
final class ServeCommand extends EntrepotCommand {

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "proxy.yaml; without it the usual registries, pushes, and loopback only.")
  private @Nullable Path config;

  @Option(names = "--listen", paramLabel = "HOST:PORT", description = "Default 127.0.0.1:5000.")
  private @Nullable String listen;

  @Option(names = "--cache", paramLabel = "DIR", description = "Default ~/.cache/entrepot.")
  private @Nullable Path cache;

  @Option(names = "--max-size", paramLabel = "SIZE", description = "Default 50GiB.")
  private @Nullable ByteSize maxSize;

  @Option(
      names = "--anonymous",
      description = "Listen beyond loopback although nobody is asked for a name.")
  private boolean anonymous;

  ServeCommand(Invocation invocation) {
    super(invocation);
  }

  @Override
  ExitCode run(Invocation context) throws InterruptedException {
    ProxySettings settings = settings(context);
    Vertx vertx = Vertx.vertx(ProxyServer.vertxOptions());
    RegistryClient client =
        new RegistryClient(
            vertx,
            // A client of ours waits; who waits for two minutes has long given up.
            ClientSettings.DEFAULTS.withBackoff(
                Duration.ofMillis(200), Duration.ofSeconds(2), Duration.ofSeconds(10)),
            ForwardProxies.fromEnvironment(context.environment()),
            CredentialSources.standard(
                context.environment(), context.home(), Map.of(), context.console()::warn),
            name -> settings.pulling().upstreams().getOrDefault(name, Upstream.of(name)),
            settings.pulling().copies()::of);
    ProxyServer server;
    try {
      server = ProxyServer.start(vertx, settings, client, context.console()::result).await();
    } catch (IllegalArgumentException | StoreException e) {
      vertx.close().await();
      context.console().error(String.valueOf(e.getMessage()));
      return ExitCode.USAGE;
    }
    context.console().note("listening on " + server.address());
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  server.stop().await();
                  vertx.close().await();
                  stopped.countDown();
                },
                "stop"));
    stopped.await();
    return ExitCode.DONE;
  }

  private ProxySettings settings(Invocation context) {
    Path home = context.home().resolve(".cache/entrepot");
    ProxySettings usual = ProxySettings.defaults(home);
    ProxySettings settings =
        config == null
            ? usual
            : configured(usual, context.loader().loadProxy(context.file(config)));
    if (listen != null) {
      settings = settings.listeningOn(host(listen), port(listen));
    }
    settings =
        settings.with(
            new ProxySettings.Storage(
                cache == null ? settings.storage().directory() : context.file(cache),
                maxSize == null ? settings.storage().maxSize() : maxSize.bytes()));
    return anonymous ? settings.openToAll() : settings;
  }

  private static ProxySettings configured(ProxySettings usual, ProxySpec spec) {
    Path directory = spec.cacheDirectory();
    Map<RegistryName, Upstream> registries = spec.registries();
    Path certificate = spec.certificate();
    Path key = spec.key();
    return new ProxySettings(
        new ProxySettings.Listening(
            host(spec.listen()),
            port(spec.listen()),
            certificate == null || key == null ? null : new ProxySettings.Tls(certificate, key),
            spec.names(),
            spec.anonymous()),
        new ProxySettings.Storage(
            directory == null ? usual.storage().directory() : directory, spec.maxSize().bytes()),
        new ProxySettings.Pulling(
            registries == null ? usual.pulling().upstreams() : registries,
            LockedCopies.read(spec.locks()),
            spec.tagFreshness(),
            spec.defaultUpstream()),
        new ProxySettings.Guard(
            spec.htpasswd(),
            spec.access().stream()
                .map(rule -> new Access.Rule(rule.repositories(), rule.read(), rule.write()))
                .toList()),
        spec.local(),
        AccessLog.Format.valueOf(spec.accessLog().toUpperCase(Locale.ROOT)));
  }

  private static String host(String address) {
    String host = address.substring(0, Math.max(0, address.lastIndexOf(':')));
    return host.isEmpty() ? "0.0.0.0" : host.replaceAll("[\\[\\]]", "");
  }

  private static int port(String address) {
    String port = address.substring(address.lastIndexOf(':') + 1);
    if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65535) {
      throw new UsageException("not an address: '%s' (expected HOST:PORT)".formatted(address));
    }
    return Integer.parseInt(port);
  }
}
