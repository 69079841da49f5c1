package io.entrepot.cli.command;

import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import io.vertx.core.logging.JULLogDelegateFactory;

/** What Vert.x and Netty are told before their classes look for it. */
final class EventLoops {

  private EventLoops() {}

  /** Both log by the JDK and need not find out what else is there, which takes longer. */
  static void settle() {
    InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    usually("vertx.logger-delegate-factory-class-name", JULLogDelegateFactory.class.getName());
    // Nothing is read from the class path through Vert.x.
    usually("vertx.disableFileCPResolving", "true");
    usually("vertx.disableFileCaching", "true");
  }

  /** Names are resolved as the system does: it knows /etc/hosts, VPNs and search domains. */
  static void resolveBySystem() {
    usually("vertx.disableDnsResolver", "true");
  }

  private static void usually(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
