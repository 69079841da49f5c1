package io.entrepot.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RetriesTest {

  private final Vertx vertx = Vertx.vertx();
  private final AtomicLong nanos = new AtomicLong();
  private final Retries retries =
      new Retries(
          vertx,
          4,
          new ClientSettings.Backoff(
              Duration.ofMillis(1),
              Duration.ofMillis(2),
              Duration.ofSeconds(5),
              Duration.ofSeconds(85)),
          () -> nanos.get());
  private final AtomicInteger tries = new AtomicInteger();

  @AfterEach
  void stop() {
    vertx.close().await();
  }

  private Throwable run(Throwable failure) {
    return catchThrowable(
        () ->
            retries
                .run(
                    () -> {
                      tries.incrementAndGet();
                      return Future.failedFuture(failure);
                    })
                .await());
  }

  private static RegistryException failure(ErrorCode code) {
    return RegistryException.of(code, "GET x", "failed");
  }

  @ParameterizedTest
  @EnumSource(names = {"UNAVAILABLE", "UNREACHABLE", "TIMEOUT", "CORRUPT", "TOOMANYREQUESTS"})
  void transientFailure_isTriedAsOftenAsSaid(ErrorCode code) {
    RegistryException failure = failure(code);
    assertThat(run(failure)).isSameAs(failure);
    assertThat(tries).hasValue(4);
  }

  @ParameterizedTest
  @EnumSource(names = {"MANIFEST_UNKNOWN", "UNAUTHORIZED", "DENIED", "REFUSED", "PULL_LIMIT"})
  void lastingFailure_isTriedOnce(ErrorCode code) {
    run(failure(code));
    assertThat(tries).hasValue(1);
  }

  @Test
  void failureOfOurs_isTriedOnce() {
    run(new IllegalStateException("disk full"));
    assertThat(tries).hasValue(1);
  }

  @Test
  void registryThatWantsALongPause_isNotWaitedFor() {
    run(failure(ErrorCode.TOOMANYREQUESTS).withRetryAfter(Duration.ofSeconds(6)));
    assertThat(tries).hasValue(1);
  }

  @Test
  void triesThatTakeTooLongInAll_areTheLast_unlessTheRegistrySaidWhenToCome() {
    runEachTaking(Duration.ofSeconds(45), failure(ErrorCode.TIMEOUT));
    assertThat(tries).hasValue(2);
    tries.set(0);
    runEachTaking(
        Duration.ofSeconds(45),
        failure(ErrorCode.TOOMANYREQUESTS).withRetryAfter(Duration.ofMillis(1)));
    assertThat(tries).hasValue(4);
  }

  private void runEachTaking(Duration time, RegistryException failure) {
    Future<Object> work =
        retries.run(
            () -> {
              tries.incrementAndGet();
              nanos.addAndGet(time.toNanos());
              return Future.failedFuture(failure);
            });
    assertThat(catchThrowable(work::await)).isSameAs(failure);
  }

  @Test
  void secondTryWorks_isTheAnswer() {
    String answer =
        retries
            .run(
                () ->
                    tries.incrementAndGet() < 2
                        ? Future.<String>failedFuture(failure(ErrorCode.TIMEOUT))
                        : Future.succeededFuture("there"))
            .await();
    assertThat(answer).isEqualTo("there");
  }
}
