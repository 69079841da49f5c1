package io.entrepot.proxy;

import io.entrepot.oci.Digest;
import io.entrepot.store.RepositoryId;
import io.entrepot.store.Store;
import io.entrepot.store.StoredRepository;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The work of {@code cache} commands: on a store in this process, or in the server that holds it.
 *
 * <p>The server listens on a socket file in the store's directory that only its owner may use: one
 * line of JSON asks, one line answers.
 */
public final class StoreControl implements AutoCloseable {

  private static final Logger LOG = System.getLogger(StoreControl.class.getName());
  private static final String SOCKET = "control.sock";

  private final Store store;
  private final long maxSize;
  private final Supplier<String> url;
  private @Nullable ServerSocketChannel listening;

  /**
   * Work on an open store.
   *
   * @param url where the server before it is found on this machine
   */
  StoreControl(Store store, long maxSize, Supplier<String> url) {
    this.store = store;
    this.maxSize = maxSize;
    this.url = url;
  }

  /**
   * Runs one command.
   *
   * @param command {@code ls}, {@code du}, {@code rm}, {@code gc} or {@code verify}
   * @param arguments names of repositories or images, for {@code ls} and {@code rm}
   * @return the answer; {@code error} in it says what went wrong
   */
  public static JsonNode run(Path directory, String command, List<String> arguments) {
    ObjectNode request = JsonMapper.shared().createObjectNode().put("command", command);
    ArrayNode list = request.putArray("arguments");
    arguments.forEach(list::add);
    Optional<JsonNode> answer = ask(directory, request);
    if (answer.isPresent()) {
      return answer.get();
    }
    try (Store store = Store.open(directory)) {
      return new StoreControl(store, Long.MAX_VALUE, () -> "").answer(request);
    }
  }

  /** The address of the server that holds a store: {@code http://host:port}; empty without one. */
  public static Optional<String> serverOf(Path directory) {
    return ask(directory, JsonMapper.shared().createObjectNode().put("command", "address"))
        .map(answer -> answer.path("url").asString(""));
  }

  private static Optional<JsonNode> ask(Path directory, ObjectNode request) {
    Path socket = directory.resolve(SOCKET);
    if (!Files.exists(socket)) {
      return Optional.empty();
    }
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      return Optional.of(ask(channel, request));
    } catch (IOException e) {
      // A server that was killed leaves the file; the store's own lock tells the truth.
      LOG.log(Level.DEBUG, "nobody answers at {0}", socket);
      return Optional.empty();
    }
  }

  private static JsonNode ask(SocketChannel channel, ObjectNode request) throws IOException {
    Writer writer = Channels.newWriter(channel, StandardCharsets.UTF_8);
    writer.write(request + "\n");
    writer.flush();
    BufferedReader reader = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
    String line = reader.readLine();
    return line == null
        ? JsonMapper.shared().createObjectNode().put("error", "the server did not answer")
        : JsonMapper.shared().readTree(line);
  }

  void start() {
    Path socket = store.root().resolve(SOCKET);
    try {
      Files.deleteIfExists(socket);
      ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      channel.bind(UnixDomainSocketAddress.of(socket));
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
      listening = channel;
      Thread.ofVirtual().name("store-control").start(() -> accept(channel));
    } catch (IOException | UnsupportedOperationException e) {
      LOG.log(Level.WARNING, "no control socket: {0}", e.getMessage());
    }
  }

  private void accept(ServerSocketChannel channel) {
    while (channel.isOpen()) {
      try {
        SocketChannel accepted = channel.accept();
        Thread.ofVirtual().start(() -> serve(accepted));
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        LOG.log(Level.WARNING, "the control socket failed: {0}", e.getMessage());
        return;
      }
    }
  }

  private void serve(SocketChannel channel) {
    try (channel;
        BufferedReader reader =
            new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
        Writer writer = Channels.newWriter(channel, StandardCharsets.UTF_8)) {
      String line = reader.readLine();
      if (line != null) {
        writer.write(answer(JsonMapper.shared().readTree(line)) + "\n");
        writer.flush();
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "a control connection broke: {0}", e.getMessage());
    }
  }

  private ObjectNode answer(JsonNode request) {
    List<String> arguments =
        request.path("arguments").valueStream().map(item -> item.asString("")).toList();
    try {
      return switch (request.path("command").asString("")) {
        case "address" -> JsonMapper.shared().createObjectNode().put("url", url.get());
        case "ls" -> list();
        case "du" -> usage();
        case "rm" -> remove(arguments);
        case "gc" -> collect();
        case "verify" -> verify();
        default -> JsonMapper.shared().createObjectNode().put("error", "no such command");
      };
    } catch (RuntimeException e) {
      return JsonMapper.shared().createObjectNode().put("error", String.valueOf(e.getMessage()));
    }
  }

  private ObjectNode list() {
    ObjectNode answer = JsonMapper.shared().createObjectNode();
    ArrayNode images = answer.putArray("images");
    store
        .repositories()
        .names()
        .forEach(
            (name, id) -> {
              StoredRepository repository = store.repositories().open(id);
              for (Map.Entry<String, Digest> tag : repository.tags().entrySet()) {
                images
                    .addObject()
                    .put("repository", name)
                    .put("tag", tag.getKey())
                    .put("digest", tag.getValue().toString())
                    .put("local", id.isLocal());
              }
            });
    return answer;
  }

  private ObjectNode usage() {
    ObjectNode answer = JsonMapper.shared().createObjectNode();
    answer.put("bytes", store.contents().bytes()).put("contents", store.contents().count());
    if (maxSize != Long.MAX_VALUE) {
      answer.put("maxSize", maxSize);
    }
    return answer;
  }

  private ObjectNode remove(List<String> arguments) {
    ObjectNode answer = JsonMapper.shared().createObjectNode();
    ArrayNode removed = answer.putArray("removed");
    for (String argument : arguments) {
      if (remove(argument)) {
        removed.add(argument);
      } else {
        answer.put("error", "not here: " + argument);
      }
    }
    return answer;
  }

  /** {@code REPOSITORY[:TAG|@DIGEST]}, as {@code ls} prints it. */
  private boolean remove(String argument) {
    int at = argument.indexOf('@');
    int colon = at < 0 ? argument.lastIndexOf(':') : -1;
    boolean tagged = colon > argument.lastIndexOf('/');
    String name =
        at >= 0 ? argument.substring(0, at) : tagged ? argument.substring(0, colon) : argument;
    Optional<RepositoryId> id = Optional.ofNullable(store.repositories().names().get(name));
    if (id.isEmpty()) {
      return false;
    }
    StoredRepository repository = store.repositories().open(id.get());
    if (at >= 0) {
      return repository.removeManifest(Digest.parse(argument.substring(at + 1)));
    }
    return tagged ? repository.removeTag(argument.substring(colon + 1)) : repository.clear() > 0;
  }

  private ObjectNode collect() {
    return JsonMapper.shared()
        .createObjectNode()
        .put("freed", store.collector().collectGarbage())
        .put("bytes", store.contents().bytes());
  }

  private ObjectNode verify() {
    ObjectNode answer = JsonMapper.shared().createObjectNode();
    int count = store.contents().count();
    ArrayNode bad = answer.putArray("corrupt");
    store.scrubber().verifyAll(digest -> {}).forEach(digest -> bad.add(digest.toString()));
    return answer.put("verified", count);
  }

  @Override
  public void close() {
    ServerSocketChannel channel = listening;
    if (channel != null) {
      try {
        channel.close();
        Files.deleteIfExists(store.root().resolve(SOCKET));
      } catch (IOException e) {
        LOG.log(Level.DEBUG, "the control socket: {0}", e.getMessage());
      }
    }
  }
}
