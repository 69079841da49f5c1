package io.entrepot.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SingleFlightTest {

  private final SingleFlight<String, Integer> flights = new SingleFlight<>();
  private final AtomicInteger starts = new AtomicInteger();

  private Future<Integer> counted(Future<Integer> answer) {
    starts.incrementAndGet();
    return answer;
  }

  @Test
  void sixteenCallersWhileARunLasts_shareIt() {
    Promise<Integer> work = Promise.promise();
    List<Future<Integer>> answers = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      answers.add(flights.run("a", () -> counted(work.future())));
    }
    assertThat(flights.isRunning("a")).isTrue();
    assertThat(flights.running()).isEqualTo(1);

    work.complete(7);

    assertThat(answers).allSatisfy(answer -> assertThat(answer.result()).isEqualTo(7));
    assertThat(starts).hasValue(1);
    assertThat(flights.isRunning("a")).isFalse();
  }

  @Test
  void otherKey_hasItsOwnRun() {
    Promise<Integer> work = Promise.promise();
    Future<Integer> waiting = flights.run("a", () -> counted(work.future()));

    assertThat(flights.run("b", () -> counted(Future.succeededFuture(2))).result()).isEqualTo(2);
    assertThat(waiting.isComplete()).isFalse();
    work.complete(1);
    assertThat(starts).hasValue(2);
  }

  @Test
  void answer_isNotKept() {
    flights.run("a", () -> counted(Future.succeededFuture(1)));

    assertThat(flights.run("a", () -> counted(Future.succeededFuture(2))).result()).isEqualTo(2);
  }

  @Test
  void failure_reachesAllWhoWait_andIsForgotten() {
    Promise<Integer> work = Promise.promise();
    Future<Integer> one = flights.run("a", () -> counted(work.future()));
    Future<Integer> two = flights.run("a", () -> counted(work.future()));

    work.fail("broken");

    assertThat(one.cause()).hasMessage("broken");
    assertThat(two.cause()).hasMessage("broken");
    assertThat(flights.run("a", () -> counted(Future.succeededFuture(3))).result()).isEqualTo(3);
  }

  @Test
  void startThatThrows_isAFailedRun_andLeavesNothingBehind() {
    Future<Integer> answer =
        flights.run(
            "a",
            () -> {
              throw new IllegalStateException("no");
            });

    assertThat(answer.cause()).isInstanceOf(IllegalStateException.class);
    assertThat(flights.running()).isZero();
  }

  @Test
  void cachedAnswer_startsNothing() {
    Future<Integer> answer =
        flights.run("a", () -> Optional.of(5), () -> counted(Future.succeededFuture(1)));

    assertThat(answer.result()).isEqualTo(5);
    assertThat(starts).hasValue(0);
  }

  @Test
  void settled_waitsForTheRunsThatGoOn_andNeverFails() {
    Promise<Integer> work = Promise.promise();
    flights.run("a", work::future);
    Future<Void> settled = flights.settled();
    assertThat(settled.isComplete()).isFalse();

    work.fail("broken");

    assertThat(settled.succeeded()).isTrue();
  }

  @Test
  void callerOnAContext_getsTheAnswerThere() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      Promise<Integer> work = Promise.promise();
      AtomicReference<Thread> asking = new AtomicReference<>();
      CompletableFuture<Thread> told = new CompletableFuture<>();
      CompletableFuture<Void> asked = new CompletableFuture<>();
      vertx.runOnContext(
          ignored -> {
            asking.set(Thread.currentThread());
            flights
                .run("a", work::future)
                .onComplete(result -> told.complete(Thread.currentThread()));
            asked.complete(null);
          });
      asked.get(20, TimeUnit.SECONDS);

      work.complete(1);

      assertThat(told.get(20, TimeUnit.SECONDS)).isSameAs(asking.get());
    } finally {
      vertx.close().await(20, TimeUnit.SECONDS);
    }
  }
}
