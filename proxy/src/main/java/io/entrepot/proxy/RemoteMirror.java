package io.entrepot.proxy;

import io.entrepot.store.StoreException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Has a server run a mirror, by its control socket. */
public final class RemoteMirror {

  /** How long a run that is stopped may take to tell what is done. */
  private static final Duration STOPPING = Duration.ofSeconds(8);

  private RemoteMirror() {}

  /**
   * Has a mirror run, and waits for its end. An interrupt stops the run; what it has done by then
   * comes back, and the thread is interrupted still.
   *
   * @throws StoreException where no server answers, or it does not run mirrors
   */
  public static ObjectNode run(Path socket, ObjectNode plan) {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      StoreRequest.Mirror request = new StoreRequest.Mirror(plan);
      Writer writer = Channels.newWriter(channel, StandardCharsets.UTF_8);
      writer.write(StoreMessages.json(request) + "\n");
      writer.flush();
      String line = line(channel, socket);
      return switch (StoreMessages.answer(request, line)) {
        case StoreAnswer.Mirrored(ObjectNode left) -> left;
        case StoreAnswer.Failed(String error) -> throw failed(socket, error, null);
        case StoreAnswer other -> throw failed(socket, "it answers " + other, null);
      };
    } catch (IllegalArgumentException e) {
      throw failed(
          socket,
          "its answer is not understood (%s); is it of another version?".formatted(e.getMessage()),
          e);
    } catch (IOException | UnsupportedOperationException e) {
      throw new StoreException(
          StoreException.Reason.IO,
          "no server answers at %s (%s); is entrepot serve running? its socket is control.sock in its cache directory"
              .formatted(socket, e.getMessage()),
          e);
    }
  }

  /** Reads on another thread: an interrupt would close the channel of the one that reads. */
  private static String line(SocketChannel channel, Path socket) throws IOException {
    FutureTask<String> reading =
        new FutureTask<>(
            () -> {
              String line =
                  new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))
                      .readLine();
              if (line == null) {
                throw failed(socket, "it ended before the run did; run again", null);
              }
              return line;
            });
    Thread reader = Thread.ofVirtual().start(reading);
    boolean stopped = false;
    try {
      reader.join();
    } catch (InterruptedException e) {
      stopped = true;
      channel.shutdownOutput();
      awaitStopped(reader);
    }
    try {
      if (!reading.isDone()) {
        throw failed(socket, "it does not end the run that was stopped", null);
      }
      return reading.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof StoreException told) {
        throw told;
      }
      throw failed(socket, "it ended before the run did (%s)".formatted(e.getCause()), e);
    } catch (InterruptedException e) {
      stopped = true;
      throw failed(socket, "it was not waited for", e);
    } finally {
      if (stopped) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void awaitStopped(Thread reader) {
    try {
      reader.join(STOPPING);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static StoreException failed(Path socket, String what, @Nullable Throwable cause) {
    return new StoreException(
        StoreException.Reason.IO, "the server at %s: %s".formatted(socket, what), cause);
  }
}
