package io.entrepot.proxy;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** What is logged as a warning or an error while this is open. */
final class Told implements AutoCloseable {

  private final Logger root = Logger.getLogger("");
  private final SimpleFormatter words = new SimpleFormatter();
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Handler listener =
      new Handler() {
        @Override
        public void publish(LogRecord event) {
          if (event.getLevel().intValue() >= Level.WARNING.intValue()) {
            lines.add(event.getLevel() + " " + words.formatMessage(event));
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  Told() {
    root.addHandler(listener);
  }

  List<String> lines() {
    return lines;
  }

  @Override
  public void close() {
    root.removeHandler(listener);
  }
}
