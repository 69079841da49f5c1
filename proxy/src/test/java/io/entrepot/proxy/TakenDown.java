package io.entrepot.proxy;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** What is logged while it is open, each record as it would be written. */
final class TakenDown extends Handler implements AutoCloseable {

  private final Logger root = Logger.getLogger("");
  private final SimpleFormatter form = new SimpleFormatter();
  private final List<String> records = new CopyOnWriteArrayList<>();

  static TakenDown begin() {
    TakenDown log = new TakenDown();
    log.root.addHandler(log);
    return log;
  }

  List<String> records() {
    return records;
  }

  @Override
  public void publish(LogRecord event) {
    records.add(form.formatMessage(event));
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    root.removeHandler(this);
  }
}
