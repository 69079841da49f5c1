package io.entrepot.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class ClaimsTest {

  private final Claims<String, String> claims = new Claims<>();

  @Test
  void firstCaller_claims_theOthersLearnThePlace() {
    assertThat(claims.claim("blob", "here")).isEmpty();
    assertThat(claims.claim("blob", "there")).contains("here");
    assertThat(claims.claim("other", "there")).isEmpty();
  }

  @Test
  void callerThatWaits_goesOnWhenItHasArrived() throws Exception {
    claims.claim("blob", "here");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Boolean> waiting = threads.submit(() -> claims.await("blob"));
      claims.arrived("blob", "here");
      assertThat(waiting.get()).isTrue();
    }
    assertThat(claims.claim("blob", "there")).contains("here");
  }

  @Test
  void failedClaim_wakesTheCallersThatWait_andIsFree() throws Exception {
    claims.claim("blob", "here");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Boolean> waiting = threads.submit(() -> claims.await("blob"));
      claims.failed("blob");
      assertThat(waiting.get()).isFalse();
    }
    assertThat(claims.await("blob")).isFalse();
    assertThat(claims.claim("blob", "there")).isEmpty();
  }

  @Test
  void arrivalElsewhere_saysNothingOfTheClaim() throws Exception {
    claims.claim("blob", "there");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Boolean> waiting = threads.submit(() -> claims.await("blob"));
      claims.arrived("blob", "here");
      claims.failed("blob");
      assertThat(waiting.get()).isFalse();
    }
  }
}
