package io.entrepot.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ParallelTest {

  @Test
  void results_haveTheOrderOfTheItems() {
    List<Integer> items = IntStream.range(0, 200).boxed().toList();

    assertThat(Parallel.map(items, item -> item * 2))
        .isEqualTo(items.stream().map(item -> item * 2).toList());
    assertThat(Parallel.map(List.of(), item -> item)).isEmpty();
  }

  @Test
  void items_areWorkedOnAtTheSameTime() {
    CountDownLatch all = new CountDownLatch(8);

    List<Boolean> met = Parallel.map(IntStream.range(0, 8).boxed().toList(), item -> awaits(all));

    assertThat(met).containsOnly(true);
  }

  @Test
  @SuppressWarnings("ThreadPriorityCheck") // others get their turn; nothing relies on it
  void slots_boundHowManyWorkAtOnce() {
    AtomicInteger working = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Semaphore slots = new Semaphore(3);

    Parallel.map(
        IntStream.range(0, 50).boxed().toList(),
        slots,
        item -> {
          most.accumulateAndGet(working.incrementAndGet(), Math::max);
          Thread.yield();
          return working.decrementAndGet();
        });

    assertThat(most.get()).isBetween(1, 3);
    assertThat(slots.availablePermits()).isEqualTo(3);
  }

  @Test
  void firstFailureInOrder_isThrownAsItIs_andGivesItsSlotBack() {
    Semaphore slots = new Semaphore(1);

    assertThatThrownBy(
            () ->
                Parallel.map(
                    List.of(1, 2),
                    slots,
                    item -> {
                      throw new IllegalArgumentException("item " + item);
                    }))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("item 1");
    assertThat(slots.availablePermits()).isEqualTo(1);
  }

  @Test
  void interrupt_isACancellation_andIsKept() {
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> Parallel.acquire(new Semaphore(0)))
        .isInstanceOf(CancellationException.class);

    assertThat(Thread.interrupted()).isTrue();
  }

  private static boolean awaits(CountDownLatch all) {
    all.countDown();
    try {
      return all.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw Parallel.interrupted();
    }
  }
}
