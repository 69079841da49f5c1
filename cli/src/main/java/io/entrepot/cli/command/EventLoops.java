package io.entrepot.cli.command;

import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import io.vertx.core.logging.JULLogDelegateFactory;

/** Settings of Vert.x and Netty, which their classes read once. */
final class EventLoops {

  private EventLoops() {}

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
