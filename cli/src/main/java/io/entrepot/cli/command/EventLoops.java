package io.entrepot.cli.command;

import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import io.vertx.core.Vertx;
import io.vertx.core.logging.JULLogDelegateFactory;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Settings of Vert.x and Netty, which their classes read once. */
final class EventLoops {

  /** Netty tells here of listeners whose event loop has ended before them. */
  private static final Logger LATE_LISTENERS =
      Logger.getLogger(DefaultPromise.class.getName() + ".rejectedExecution");

  private EventLoops() {}

  /**
   * Ends event loops and waits for that. Connections that are closed with them may tell of it when
   * the loops are gone; nobody needs to hear that from a command that has done its work.
   */
  static void end(Vertx vertx) {
    LATE_LISTENERS.setLevel(Level.OFF);
    vertx.close().await();
  }

  /**
   * Both log through the JDK: by SLF4J, which a library brings, their messages would go nowhere.
   */
  static void settle() {
    InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    usually("vertx.logger-delegate-factory-class-name", JULLogDelegateFactory.class.getName());
    // Vert.x would make a folder for files of the class path, and nothing is read through it.
    usually("vertx.disableFileCPResolving", "true");
    usually("vertx.disableFileCaching", "true");
  }

  /** Makes the system resolve names: it knows /etc/hosts, VPNs and search domains. */
  static void resolveBySystem() {
    usually("vertx.disableDnsResolver", "true");
  }

  private static void usually(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
