package io.entrepot.cli.command;

import io.entrepot.proxy.ProxySettings;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

  @Mixin private final ServeOptions options = new ServeOptions();

  @Option(names = "--listen", paramLabel = "HOST:PORT", description = "Default 127.0.0.1:5000.")
  private @Nullable String listen;

  @Option(
      names = "--anonymous",
      description = "Listen beyond loopback although nobody is asked for a name.")
  private boolean anonymous;

  ServeCommand(Invocation invocation) {
    super(invocation);
  }

  @Override
  ExitCode run(Invocation context) throws InterruptedException {
    Serving serving = Serving.start(context, settings(context));
    context.console().note("listening on " + serving.server().address());
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  serving.close();
                  stopped.countDown();
                },
                "stop"));
    stopped.await();
    return ExitCode.DONE;
  }

  private ProxySettings settings(Invocation context) {
    ProxySettings settings = options.settings(context);
    if (listen != null) {
      settings = settings.listeningOn(ServeOptions.host(listen), ServeOptions.port(listen));
    }
    return anonymous ? settings.openToAll() : settings;
  }
}
