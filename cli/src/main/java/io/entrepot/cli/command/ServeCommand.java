package io.entrepot.cli.command;

import io.entrepot.cli.output.Amounts;
import io.entrepot.cli.output.Console;
import io.entrepot.oci.RegistryName;
import io.entrepot.proxy.ProxyServer;
import io.entrepot.proxy.ProxySettings;
import io.entrepot.store.Store;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;

final class ServeCommand extends EntrepotCommand {

  private final ServeOptions options = new ServeOptions(arguments());

  private final Option<String> listen =
      arguments()
          .option(
              "--listen", String.class, "HOST:PORT", "Where to listen (default: 127.0.0.1:5000).");

  private final Flag anonymous =
      arguments()
          .flag(
              "--anonymous",
              "Listen beyond loopback without users: whoever reaches it may pull and push.");

  private final Option<String> tls =
      arguments()
          .option(
              "--tls",
              String.class,
              "auto",
              "Serve TLS with a certificate of this user's local CA, which is made where there is"
                  + " none (entrepot ca --help).");

  private final PolicyOptions policy = new PolicyOptions(arguments());

  ServeCommand(Invocation invocation) {
    super(
        invocation,
        "Serve the registry that a cluster talks to: a cache for every upstream, and local pushes.",
        "",
        "Examples:",
        "  entrepot serve",
        "  docker pull localhost:5000/docker.io/library/redis:7",
        "  docker push localhost:5000/team/app:dev",
        "  curl localhost:5000/api/v1/overview      what its page at http://localhost:5000/ shows",
        "  entrepot serve -c proxy.yaml --max-size 20GiB",
        "  entrepot serve --tls auto                HTTPS, for clients that trust: entrepot ca"
            + " trust",
        "  entrepot serve --policy policy.yaml      give only what the policy admits");
  }

  @Override
  ExitCode run(Invocation context) throws InterruptedException {
    ProxySettings settings = settings(context);
    if (tls.isGiven() || LocalTls.isMeant(context, settings.listening().tls())) {
      LocalTls.Issued issued = LocalTls.certificate(context, settings.listening());
      settings = settings.with(issued.tls());
      Thread.ofVirtual().name("renewal").start(issued.renewal());
    }
    Serving serving = Serving.start(context, settings);
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> stop(serving, context.console()), "stop"));
    introduce(context.console(), settings, serving.server());
    new CountDownLatch(1).await();
    return ExitCode.DONE;
  }

  /** Ends the process: being told to go is how this command comes to a good end. */
  private static void stop(Serving serving, Console console) {
    ExitCode code = ExitCode.DONE;
    try {
      console.note("stopping: what is under way may end, nothing new begins");
      serving.close();
    } catch (RuntimeException e) {
      console.error("did not stop cleanly: " + e.getMessage());
      console.trace(e);
      code = ExitCode.FAILED;
    }
    Runtime.getRuntime().halt(code.number());
  }

  private static void introduce(Console console, ProxySettings settings, ProxyServer server) {
    Store store = server.store();
    String limit = Amounts.bytes(settings.storage().maxSize());
    console.note(
        store.contents().isListed()
            ? "store %s: %s of %s"
                .formatted(store.root(), Amounts.bytes(store.contents().bytes()), limit)
            : "store %s: at most %s; what is there is being counted"
                .formatted(store.root(), limit));
    console.note(
        "fetches from: "
            + settings.pulling().upstreams().keySet().stream()
                .map(RegistryName::value)
                .sorted()
                .collect(Collectors.joining(", ", "", "")));
    console.note(settings.pushes() ? "takes pushes under every other name" : "takes no pushes");
    console.note("listening on " + server.address());
  }

  private ProxySettings settings(Invocation context) {
    if (tls.isGiven() && !tls.value().equals("auto")) {
      throw new UsageException(
          "--tls takes auto; certificates of your own stand in proxy.yaml: tls: { certificate:"
              + " FILE, key: FILE }");
    }
    ProxySettings settings = options.settings(context);
    String address = listen.orNull();
    if (address != null) {
      settings = settings.listeningOn(ServeOptions.host(address), ServeOptions.port(address));
    }
    settings = policy.applied(context, settings);
    return anonymous.isSet() ? settings.openToAll() : settings;
  }
}
