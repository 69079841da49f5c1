package io.entrepot.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OnceTest {

  private final Once<String, Integer> once = new Once<>();
  private final AtomicInteger runs = new AtomicInteger();

  @Test
  void sixteenCallers_oneRun_oneResult() {
    List<Integer> results =
        Parallel.map(
            IntStream.range(0, 16).boxed().toList(), i -> once.get("key", runs::incrementAndGet));
    assertThat(results).hasSize(16).containsOnly(1);
    assertThat(once.get("key", runs::incrementAndGet)).isEqualTo(1);
    assertThat(once.get("other", runs::incrementAndGet)).isEqualTo(2);
  }

  @Test
  void failure_reachesTheCaller_andIsNotKept() {
    assertThatThrownBy(
            () ->
                once.get(
                    "key",
                    () -> {
                      throw new IllegalStateException("no");
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no");
    assertThat(once.get("key", runs::incrementAndGet)).isEqualTo(1);
  }

  @Test
  void interruptOfACallerThatWaits_isKept_andTheRunGoesOn() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    List<Boolean> seen = new ArrayList<>();
    Thread first =
        Thread.startVirtualThread(
            () ->
                once.get(
                    "key",
                    () -> {
                      begun.countDown();
                      try {
                        go.await();
                      } catch (InterruptedException e) {
                        throw Parallel.interrupted();
                      }
                      return 7;
                    }));
    begun.await();
    Thread second =
        Thread.startVirtualThread(
            () -> {
              try {
                once.get("key", runs::incrementAndGet);
              } catch (CancellationException e) {
                seen.add(Thread.currentThread().isInterrupted());
              }
            });
    second.interrupt();
    second.join();
    go.countDown();
    first.join();
    assertThat(seen).containsExactly(true);
    assertThat(once.get("key", runs::incrementAndGet)).isEqualTo(7);
  }
}
