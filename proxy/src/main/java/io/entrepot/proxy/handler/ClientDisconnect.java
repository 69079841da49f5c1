package io.entrepot.proxy.handler;

import io.netty.handler.ssl.SslClosedEngineException;
import io.vertx.core.http.HttpClosedException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.logging.Logger;

/** Connections that clients end before their answer is whole: everyday life, not a fault. */
public final class ClientDisconnect {

  private static final List<String> RESET = List.of("Connection reset", "Broken pipe");

  /**
   * The class in Vert.x that writes each failed {@code sendfile} into the log as an error, with a
   * stack trace and without asking, although whoever called it is told as well. Held here because
   * the log manager forgets loggers, and their filters with them.
   */
  private static final Logger SENDFILE = Logger.getLogger("io.vertx.core.net.impl.VertxConnection");

  private ClientDisconnect() {}

  /** Whether the failure says no more than that the other side has gone. */
  public static boolean is(Throwable failure) {
    return failure instanceof ClosedChannelException
        || failure instanceof SslClosedEngineException
        || failure instanceof HttpClosedException
        || (failure instanceof IOException reset
            && RESET.stream().anyMatch(String.valueOf(reset.getMessage())::contains));
  }

  /** Keeps such failures, and no others, out of the log of Vert.x. */
  public static void quieten() {
    SENDFILE.setFilter(event -> event.getThrown() == null || !is(event.getThrown()));
  }
}
