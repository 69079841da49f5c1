package io.entrepot.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class EventLoopsTest {

  private static final Logger LOGGER =
      Logger.getLogger(DefaultPromise.class.getName() + ".rejectedExecution");

  @Test
  void connectionThatOutlivesItsEventLoop_isToldOfWhileWorking_andNotAtTheEnd() throws Exception {
    EventLoops.settle();
    List<LogRecord> told = new CopyOnWriteArrayList<>();
    Handler listening =
        new Handler() {
          @Override
          public void publish(LogRecord event) {
            told.add(event);
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    LOGGER.addHandler(listening);
    LOGGER.setUseParentHandlers(false);
    try {
      LOGGER.setLevel(Level.INFO);
      tellAnEndedLoop();
      assertThat(told).hasSize(1);

      EventLoops.end(Vertx.vertx());
      tellAnEndedLoop();
      assertThat(told).hasSize(1);
    } finally {
      LOGGER.removeHandler(listening);
      LOGGER.setUseParentHandlers(true);
    }
  }

  private static void tellAnEndedLoop() throws InterruptedException {
    EventExecutor loop = new DefaultEventExecutor();
    DefaultPromise<String> promise = new DefaultPromise<>(loop);
    promise.addListener(done -> {});
    loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).await(20, TimeUnit.SECONDS);
    assertThat(loop.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    promise.setSuccess("closed");
  }
}
