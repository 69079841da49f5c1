package io.entrepot.proxy;

import io.entrepot.layout.LayoutReference;
import io.entrepot.oci.Digest;
import io.entrepot.store.RepositoryId;
import io.entrepot.store.Store;
import io.entrepot.store.StoreException;
import io.entrepot.store.StoredRepository;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Does the work of the {@code cache} commands, on a store in this process or in the server that
 * holds it.
 *
 * <p>The server listens on a socket file in the store's directory. Only the owner of the file may
 * use it. A request is one line of JSON, and so is its answer ({@link StoreMessages}).
 */
public final class StoreControl implements AutoCloseable {

  private static final Logger LOG = System.getLogger(StoreControl.class.getName());
  private static final String SOCKET = "control.sock";

  private final Store store;
  private final long maxSize;
  private final Supplier<String> url;
  private volatile @Nullable UnaryOperator<ObjectNode> mirrors;
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
   * Has a store work: the server that holds it if there is one, else this process.
   *
   * @throws StoreException where there is no store in the directory, or another program holds it
   */
  public static StoreAnswer run(Path directory, StoreRequest request) {
    Optional<StoreAnswer> answer = ask(directory, request);
    if (answer.isPresent()) {
      return answer.get();
    }
    // What is imported may well be the first that a store gets.
    if (!Store.isIn(directory) && !(request instanceof StoreRequest.Import)) {
      throw new StoreException(
          StoreException.Reason.ABSENT,
          "there is no store in %s; entrepot serve makes one, --cache names another"
              .formatted(directory),
          null);
    }
    try (Store store = Store.open(directory)) {
      return new StoreControl(store, Long.MAX_VALUE, () -> "").answer(request);
    }
  }

  /** The address of the server that holds a store: {@code http://host:port}; empty without one. */
  public static Optional<String> serverOf(Path directory) {
    return ask(directory, new StoreRequest.Address())
        .map(answer -> answer instanceof StoreAnswer.Address(String url) ? url : "")
        .filter(url -> !url.isEmpty());
  }

  private static Optional<StoreAnswer> ask(Path directory, StoreRequest request) {
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

  private static StoreAnswer ask(SocketChannel channel, StoreRequest request) throws IOException {
    Writer writer = Channels.newWriter(channel, StandardCharsets.UTF_8);
    writer.write(StoreMessages.json(request) + "\n");
    writer.flush();
    BufferedReader reader = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
    String line = reader.readLine();
    if (line == null) {
      return new StoreAnswer.Failed("the server did not answer");
    }
    try {
      return StoreMessages.answer(request, line);
    } catch (IllegalArgumentException e) {
      return new StoreAnswer.Failed(
          "the server's answer is not understood (%s); is it of another version?"
              .formatted(e.getMessage()));
    }
  }

  /** From now on there is somebody who runs mirrors; an interrupt stops a run. */
  void mirrors(UnaryOperator<ObjectNode> runner) {
    mirrors = runner;
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
        writer.write(StoreMessages.json(answer(line, channel)) + "\n");
        writer.flush();
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "a control connection broke: {0}", e.getMessage());
    }
  }

  private StoreAnswer answer(String line, SocketChannel channel) {
    try {
      StoreRequest request = StoreMessages.request(line);
      return request instanceof StoreRequest.Mirror mirror
          ? answer(mirror, channel)
          : answer(request);
    } catch (IllegalArgumentException e) {
      return new StoreAnswer.Failed("not a request: " + e.getMessage());
    }
  }

  /** A client that says no more, or is gone, wants its run stopped. */
  private StoreAnswer answer(StoreRequest.Mirror request, SocketChannel channel) {
    Thread worker = Thread.currentThread();
    AtomicBoolean working = new AtomicBoolean(true);
    Thread.ofVirtual()
        .start(
            () -> {
              awaitEnd(channel);
              synchronized (working) {
                if (working.get()) {
                  worker.interrupt();
                }
              }
            });
    try {
      return answer(request);
    } finally {
      synchronized (working) {
        working.set(false);
        // It was meant for the run; the answer is still to be sent.
        Thread.interrupted();
      }
    }
  }

  private static void awaitEnd(SocketChannel channel) {
    ByteBuffer unread = ByteBuffer.allocate(64);
    try {
      while (channel.read(unread) >= 0) {
        unread.clear();
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "a control connection ended: {0}", e.getMessage());
    }
  }

  private StoreAnswer mirror(ObjectNode plan) {
    UnaryOperator<ObjectNode> runner = mirrors;
    return runner == null
        ? new StoreAnswer.Failed("mirrors are run by entrepot serve, and this is none")
        : new StoreAnswer.Mirrored(runner.apply(plan));
  }

  private StoreAnswer answer(StoreRequest request) {
    try {
      return switch (request) {
        case StoreRequest.Address() -> new StoreAnswer.Address(url.get());
        case StoreRequest.ListImages() -> new StoreAnswer.Images(images());
        case StoreRequest.MeasureUse() ->
            new StoreAnswer.Use(
                store.contents().bytes(),
                store.contents().count(),
                maxSize == Long.MAX_VALUE ? null : maxSize);
        case StoreRequest.Remove(List<String> images) -> remove(images);
        case StoreRequest.CollectGarbage() ->
            new StoreAnswer.Collected(store.collector().collectGarbage(), store.contents().bytes());
        case StoreRequest.VerifyContents() -> verify();
        case StoreRequest.Mirror(ObjectNode plan) -> mirror(plan);
        case StoreRequest.Import(String layout) ->
            new StoreAnswer.Imported(new StoreLayouts(store).take(layout(layout)));
        case StoreRequest.Export(String layout, List<String> images) ->
            new StoreLayouts(store).write(layout(layout), images);
      };
    } catch (RuntimeException e) {
      return new StoreAnswer.Failed(String.valueOf(e.getMessage()));
    }
  }

  private static LayoutReference layout(String text) {
    return LayoutReference.parse(text)
        .orElseThrow(() -> new IllegalArgumentException("not a layout: " + text));
  }

  private List<StoreAnswer.Image> images() {
    List<StoreAnswer.Image> images = new ArrayList<>();
    store
        .repositories()
        .names()
        .forEach(
            (name, id) ->
                store
                    .repositories()
                    .open(id)
                    .tags()
                    .forEach(
                        (tag, digest) ->
                            images.add(new StoreAnswer.Image(name, tag, digest, id.isLocal()))));
    return images;
  }

  private StoreAnswer remove(List<String> images) {
    List<String> removed = new ArrayList<>();
    String absent = null;
    for (String image : images) {
      if (remove(image)) {
        removed.add(image);
      } else {
        absent = image;
      }
    }
    return new StoreAnswer.Removed(removed, absent);
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

  private StoreAnswer verify() {
    int count = store.contents().count();
    List<Digest> corrupt = new ArrayList<>(store.scrubber().verifyAll(digest -> {}));
    return new StoreAnswer.Verified(corrupt, count);
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
