package io.entrepot.cli.command;

import io.entrepot.cli.output.StatusLine;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.proxy.ProxySettings;
import io.entrepot.proxy.StoreControl;
import io.entrepot.registry.ByteRange;
import io.entrepot.registry.Endpoint;
import io.entrepot.registry.ReadySink;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import io.entrepot.registry.Upstream;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** {@code entrepot cache warm}: a client's work, not the store's. */
final class CacheWarmCommand extends EntrepotCommand {

  private final Option<List<String>> references =
      arguments().parameters(0, 0, String.class, "REF", "The images to fetch.");

  private final ServeOptions options = new ServeOptions(arguments());

  private final Option<String> server =
      arguments()
          .option(
              "--server",
              String.class,
              "URL",
              "A proxy elsewhere, as http://HOST:PORT (default: the one that holds the store, else"
                  + " one that runs as long as it takes).");

  private final Option<Path> lock =
      arguments().file("--lock", "Fetch all images of a lock file, by their digests.");

  private final Option<List<Platform>> platforms =
      arguments()
          .options(
              "--platform",
              Platform.class,
              "PLATFORM",
              "Fetch this platform of a manifest list only; may be repeated.");

  CacheWarmCommand(Invocation invocation) {
    super(
        invocation,
        "Fetch images through the proxy, so that they are there when a client asks.",
        "",
        "Examples:",
        "  entrepot cache warm docker.io/library/redis:7 --platform linux/arm64",
        "  entrepot cache warm --lock images.lock.yaml");
  }

  @Override
  ExitCode run(Invocation context) throws InterruptedException {
    if (references.or(List.of()).isEmpty() && !lock.isGiven()) {
      throw new UsageException("cache warm needs at least one image, or --lock FILE");
    }
    return warm(context, options.settings(context));
  }

  private ExitCode warm(Invocation context, ProxySettings settings) throws InterruptedException {
    List<Wanted> wanted = wanted(context);
    String url = server.orNull();
    if (url == null) {
      url = StoreControl.serverOf(settings.storage().directory()).orElse(null);
    }
    if (url != null) {
      return warm(context, settings, wanted, url);
    }
    try (Serving own =
        Serving.start(
            context,
            settings
                .with(new ProxySettings.Guard(null, List.of()))
                .with(new ProxySettings.Listening("127.0.0.1", 0, null, Set.of(), false)))) {
      return warm(context, settings, wanted, own.server().localUrl());
    }
  }

  /** An image by digest, or by tag, or first by one and then by the other. */
  private record Wanted(ImageReference image, List<Platform> platforms) {}

  private List<Wanted> wanted(Invocation context) {
    List<Wanted> wanted = new ArrayList<>();
    List<Platform> asked = platforms.or(List.of());
    for (String text : references.or(List.of())) {
      wanted.add(new Wanted(ImageReference.parse(text).orLatest(), asked));
    }
    if (lock.isGiven()) {
      LockFileCodec.read(context.file(lock.value()))
          .images()
          .forEach(
              (source, image) ->
                  wanted.add(
                      new Wanted(
                          source.pinnedTo(image.digestAtTarget()),
                          platforms.or(image.platforms()))));
    }
    return wanted;
  }

  private static ExitCode warm(
      Invocation context, ProxySettings settings, List<Wanted> wanted, String url)
      throws InterruptedException {
    Endpoint endpoint = Endpoint.parse(url);
    RegistryName name = endpoint.origin().registryName();
    ProxySettings.Tls tls = settings.listening().tls();
    Upstream upstream =
        new Upstream(
            name,
            List.of(endpoint),
            null,
            Set.of(),
            0,
            endpoint.origin().isSecure() && tls != null ? tls.root() : null);
    try (Session session = Session.open(context, Map.of(name, upstream))) {
      Warming warming = new Warming(session.client(), name);
      return warming.run(context, wanted) ? ExitCode.DONE : ExitCode.FAILED;
    }
  }

  /** Asks a proxy for everything of some images; it keeps the bytes, here nobody needs them. */
  private record Warming(RegistryClient client, RegistryName proxy) {

    private static final int AT_A_TIME = 4;

    boolean run(Invocation context, List<Wanted> wanted) throws InterruptedException {
      Semaphore turns = new Semaphore(AT_A_TIME);
      AtomicInteger failures = new AtomicInteger();
      AtomicInteger done = new AtomicInteger();
      try (StatusLine steps = new StatusLine(context.console(), context.terminal());
          ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (Wanted each : wanted) {
          turns.acquire();
          threads.execute(
              () -> {
                try {
                  warm(each);
                  context.console().result(each.image().toString());
                } catch (RegistryException | MalformedException e) {
                  failures.incrementAndGet();
                  context.console().error(each.image() + ": " + e.getMessage());
                } finally {
                  steps.step("images fetched", done.incrementAndGet(), wanted.size());
                  turns.release();
                }
              });
        }
      }
      return failures.get() == 0;
    }

    private void warm(Wanted wanted) {
      ImageReference image = wanted.image();
      Repository proxied =
          new Repository(
              proxy, image.registry().value().replace(':', '_') + "/" + image.repository().path());
      fetch(new ImageReference(proxied, image.tag(), image.digest()), wanted.platforms());
      if (image.tag() != null && image.digest() != null) {
        // So that the proxy knows the tag when upstream is down.
        var unused = client.findManifest(proxied.tagged(image.tag())).await();
      }
    }

    private void fetch(ImageReference image, List<Platform> platforms) {
      Manifest manifest = client.fetchManifest(image).await().parse();
      for (Descriptor child : manifest.children()) {
        if (manifest instanceof Index) {
          if (isWanted(child.platform(), platforms)) {
            fetch(image.repository().at(child.digest()), platforms);
          }
        } else if (!child.isForeign()) {
          client
              .fetchBlob(image.repository(), child, ByteRange.ALL, start -> new Discarded())
              .await();
        }
      }
    }

    private static boolean isWanted(@Nullable Platform platform, List<Platform> platforms) {
      return platforms.isEmpty()
          || (platform != null && platforms.stream().anyMatch(platform::satisfies));
    }
  }

  private static final class Discarded extends ReadySink {
    @Override
    protected void take(Buffer data) {}
  }
}
