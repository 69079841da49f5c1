package io.entrepot.cli.command;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Index;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.proxy.StoreControl;
import io.entrepot.registry.ByteRange;
import io.entrepot.registry.RegistryClient;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(
    name = "cache",
    description = "Look at and tidy the proxy's store, whether or not the proxy runs.",
    footer = {
      "",
      "Examples:",
      "  entrepot cache ls",
      "  entrepot cache rm docker.io/library/redis:7",
      "  entrepot cache gc && entrepot cache du",
      "  entrepot cache verify",
      "  entrepot cache warm docker.io/library/redis:7 --platform linux/arm64   (the proxy must"
          + " run)",
    })
final class CacheCommand extends EntrepotCommand {

  enum Action {
    LS,
    DU,
    RM,
    GC,
    VERIFY,
    WARM
  }

  @Parameters(index = "0", paramLabel = "ACTION", description = "ls, du, rm, gc, verify or warm.")
  private Action action = Action.LS;

  @Parameters(index = "1..*", paramLabel = "REF", description = "For rm and warm.")
  private List<String> references = List.of();

  @Option(names = "--cache", paramLabel = "DIR", description = "Default ~/.cache/entrepot.")
  private @Nullable Path cache;

  @Option(
      names = "--server",
      paramLabel = "HOST:PORT",
      description = "For warm: the running proxy. Default localhost:5000.")
  private RegistryName server = new RegistryName("localhost:5000");

  @Option(
      names = "--platform",
      paramLabel = "PLATFORM",
      description = "For warm: these platforms of a manifest list only.")
  private List<Platform> platforms = List.of();

  @Mixin private final OutputOptions output = new OutputOptions();

  CacheCommand(Invocation invocation) {
    super(invocation);
  }

  @Override
  ExitCode run(Invocation context) {
    if ((action == Action.RM || action == Action.WARM) && references.isEmpty()) {
      throw new UsageException("cache " + word() + " needs at least one image");
    }
    if (action == Action.WARM) {
      return warm(context);
    }
    Path directory =
        cache == null ? context.home().resolve(".cache/entrepot") : context.file(cache);
    JsonNode answer = StoreControl.run(directory, word(), references);
    if (output.json()) {
      context.console().document(answer.toPrettyString() + "\n");
    } else {
      print(context, answer);
    }
    if (answer.has("error")) {
      context.console().error(answer.path("error").asString(""));
      return ExitCode.FAILED;
    }
    return answer.path("corrupt").isEmpty() ? ExitCode.DONE : ExitCode.FAILED;
  }

  private String word() {
    return action.name().toLowerCase(Locale.ROOT);
  }

  private static void print(Invocation context, JsonNode answer) {
    for (JsonNode image : answer.path("images")) {
      context
          .console()
          .result(
              "%s:%s@%s%s"
                  .formatted(
                      image.path("repository").asString(""),
                      image.path("tag").asString(""),
                      image.path("digest").asString(""),
                      image.path("local").asBoolean(false) ? " (local)" : ""));
    }
    for (String number : List.of("bytes", "contents", "maxSize", "freed", "verified")) {
      if (answer.has(number)) {
        context.console().result(number + " " + answer.path(number).asLong(0));
      }
    }
    answer
        .path("removed")
        .forEach(removed -> context.console().result("removed " + removed.asString("")));
    answer
        .path("corrupt")
        .forEach(bad -> context.console().error("corrupt, set aside: " + bad.asString("")));
  }

  private ExitCode warm(Invocation context) {
    try (Session session = Session.open(context)) {
      for (String text : references) {
        ImageReference image = ImageReference.parse(text).orLatest();
        Repository proxied =
            new Repository(
                server,
                image.registry().value().replace(':', '_') + "/" + image.repository().path());
        fetch(session.client(), new ImageReference(proxied, image.tag(), image.digest()));
        context.console().result(image.toString());
      }
    }
    return ExitCode.DONE;
  }

  private void fetch(RegistryClient client, ImageReference image) {
    RawManifest raw = client.fetchManifest(image).await();
    Manifest manifest = raw.parse();
    for (Descriptor child : manifest.children()) {
      if (manifest instanceof Index) {
        Platform platform = child.platform();
        boolean wanted =
            platforms.isEmpty()
                || (platform != null && platforms.stream().anyMatch(platform::satisfies));
        if (wanted) {
          fetch(client, image.repository().at(child.digest()));
        }
      } else if (!child.isForeign()) {
        client.fetchBlob(image.repository(), child, ByteRange.ALL, start -> new Discard()).await();
      }
    }
  }

  /** The proxy keeps the bytes; here nobody needs them. */
  private static final class Discard implements WriteStream<Buffer> {
    @Override
    public Future<Void> write(Buffer bytes) {
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> end() {
      return Future.succeededFuture();
    }

    @Override
    public boolean writeQueueFull() {
      return false;
    }

    @Override
    public Discard setWriteQueueMaxSize(int maxSize) {
      return this;
    }

    @Override
    public Discard drainHandler(@Nullable Handler<Void> handler) {
      return this;
    }

    @Override
    public Discard exceptionHandler(@Nullable Handler<Throwable> handler) {
      return this;
    }
  }
}
