package io.entrepot.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.registry.auth.Origin;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** In which order endpoints are asked, and what their failures mean together. */
class EndpointChainTest {

  private static final RegistryName HUB = RegistryName.DOCKER_HUB;
  private static final Repository REDIS = Repository.parse("docker.io/library/redis");
  private static final Repository COPY = Repository.parse("ghcr.io/acme/mirror/redis");

  private final AtomicLong now = new AtomicLong();
  private final EndpointHealth health = new EndpointHealth(origin -> false, now::get);
  private final List<String> asked = new ArrayList<>();
  private final Map<String, RegistryException> broken = new HashMap<>();
  private Upstream hub =
      upstream(
          Endpoint.parse("https://mirror.example/cache"),
          Endpoint.parse("https://registry-1.docker.io"));

  private static Upstream upstream(Endpoint... endpoints) {
    return new Upstream(HUB, List.of(endpoints), null, Set.of(), 0, null);
  }

  private Future<String> ask(Capability capability) {
    Upstreams upstreams =
        Upstreams.each(name -> name.equals(HUB) ? hub : Upstream.of(name))
            .withCopies(repository -> repository.equals(REDIS) ? List.of(COPY) : List.of());
    return new EndpointChain(upstreams, health)
        .ask(
            REDIS,
            capability,
            route -> {
              String place = route.origin().host() + "/" + route.repository().path();
              asked.add(place);
              RegistryException failure = broken.get(route.origin().host());
              return failure == null ? Future.succeededFuture(place) : Future.failedFuture(failure);
            });
  }

  private static RegistryException failure(ErrorCode code, int status) {
    return RegistryException.of(code, "GET x", "failed").withStatus(status);
  }

  private void fail(ErrorCode code, int status, String... hosts) {
    for (String host : hosts) {
      broken.put(host, failure(code, status));
    }
  }

  private RegistryException verdict(Capability capability) {
    return catchThrowableOfType(RegistryException.class, () -> ask(capability).await());
  }

  @Test
  void content_copiesFirst_thenEndpointsInTheirOrder() {
    fail(ErrorCode.BLOB_UNKNOWN, 404, "ghcr.io", "mirror.example");
    assertThat(ask(Capability.PULL).await()).isEqualTo("registry-1.docker.io/library/redis");
    assertThat(asked)
        .containsExactly(
            "ghcr.io/acme/mirror/redis",
            "mirror.example/cache/library/redis",
            "registry-1.docker.io/library/redis");
  }

  @ParameterizedTest
  @EnumSource(names = {"RESOLVE", "REFERRERS"})
  void meaningOfTags_copiesAreNotAsked(Capability capability) {
    ask(capability).await();
    assertThat(asked).containsExactly("mirror.example/cache/library/redis");
  }

  @Test
  void endpointThatIsNotTrustedWithTags_isNotAskedForThem() {
    Endpoint mirror = Endpoint.parse("https://mirror.example/cache");
    hub =
        upstream(
            new Endpoint(mirror.origin(), mirror.template(), EnumSet.of(Capability.PULL)),
            Endpoint.of(Origin.of(HUB)));
    ask(Capability.RESOLVE).await();
    assertThat(asked).containsExactly("registry-1.docker.io/library/redis");
  }

  @Test
  void nobodyIsTrustedWithIt_saysSo() {
    hub = upstream(new Endpoint(Origin.of(HUB), null, EnumSet.of(Capability.PULL)));
    assertThat(verdict(Capability.RESOLVE).code()).isEqualTo(ErrorCode.UNSUPPORTED);
    assertThat(asked).isEmpty();
  }

  @Test
  void everyEndpointSaysAbsent_isAbsence() {
    fail(ErrorCode.MANIFEST_UNKNOWN, 404, "mirror.example", "registry-1.docker.io", "ghcr.io");
    assertThat(verdict(Capability.PULL).code().isAbsence()).isTrue();
  }

  @Test
  void oneIsAbsentOneInTrouble_isTrouble_andNamesBoth() {
    fail(ErrorCode.MANIFEST_UNKNOWN, 404, "registry-1.docker.io");
    fail(ErrorCode.UNAVAILABLE, 503, "mirror.example");
    RegistryException verdict = verdict(Capability.RESOLVE);
    assertThat(verdict.code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(verdict).hasMessageContaining("none of 2 endpoints");
    assertThat(verdict.getSuppressed()).hasSize(2);
  }

  @Test
  void temporaryFailure_decidesOverTheLastingOne_withItsRetryAfter() {
    fail(ErrorCode.DENIED, 403, "registry-1.docker.io");
    broken.put(
        "mirror.example",
        failure(ErrorCode.TOOMANYREQUESTS, 429).withRetryAfter(Duration.ofSeconds(7)));
    RegistryException verdict = verdict(Capability.RESOLVE);
    assertThat(verdict.code()).isEqualTo(ErrorCode.TOOMANYREQUESTS);
    assertThat(verdict.retryAfter()).isEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void failureOfOurs_asksNoOther() {
    IllegalStateException ours = new IllegalStateException("full disk");
    Future<String> answer =
        new EndpointChain(Upstreams.each(name -> hub), health)
            .ask(
                REDIS,
                Capability.RESOLVE,
                route -> {
                  asked.add(route.origin().host());
                  return Future.failedFuture(ours);
                });
    assertThat(catchThrowable(answer::await)).isSameAs(ours);
    assertThat(asked).containsExactly("mirror.example");
  }

  @Test
  void endpointThatFailsAgainAndAgain_isAskedLast() {
    fail(ErrorCode.UNREACHABLE, 0, "mirror.example");
    for (int i = 0; i < EndpointHealth.TOLERATED; i++) {
      ask(Capability.RESOLVE).await();
    }
    asked.clear();
    ask(Capability.RESOLVE).await();
    assertThat(asked).containsExactly("registry-1.docker.io/library/redis");
  }

  @Test
  void onlyTheLastEndpoint_isWaitedForAsLongAsThereIsNoOther() {
    List<Boolean> alternatives = new ArrayList<>();
    Future<Object> answer =
        new EndpointChain(Upstreams.each(name -> hub), health)
            .ask(
                REDIS,
                Capability.RESOLVE,
                route -> {
                  alternatives.add(route.alternative());
                  return Future.failedFuture(failure(ErrorCode.TIMEOUT, 0));
                });
    assertThat(catchThrowable(answer::await)).isInstanceOf(RegistryException.class);
    assertThat(alternatives).containsExactly(true, false);
  }

  @Test
  void refusals_areNoReasonToAskAnEndpointLast() {
    fail(ErrorCode.MANIFEST_UNKNOWN, 404, "mirror.example");
    for (int i = 0; i < 2 * EndpointHealth.TOLERATED; i++) {
      ask(Capability.RESOLVE).await();
    }
    assertThat(asked.subList(asked.size() - 2, asked.size()).getFirst())
        .startsWith("mirror.example");
  }
}
