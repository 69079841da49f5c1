package io.entrepot.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.registry.auth.Origin;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class EndpointHealthTest {

  private static final Origin MIRROR = Origin.of(URI.create("https://mirror.example"));
  private static final Origin HUB = Origin.of(URI.create("https://hub.example"));
  private static final List<Route> ROUTES = List.of(route(MIRROR), route(HUB));

  private final AtomicLong now = new AtomicLong();
  private final Set<Origin> paused = new HashSet<>();
  private final EndpointHealth health = new EndpointHealth(paused::contains, now::get);

  private static Route route(Origin origin) {
    Upstream upstream = Upstream.of(new RegistryName("docker.io"));
    return new Route(upstream, origin, Repository.parse("docker.io/library/redis"));
  }

  private List<Origin> order() {
    return health.order(ROUTES).stream().map(Route::origin).toList();
  }

  private void fail(int times) {
    for (int i = 0; i < times; i++) {
      health.failed(MIRROR);
    }
  }

  @Test
  void originThatFailedOftenInARow_isAskedLast_notNever() {
    fail(EndpointHealth.TOLERATED - 1);
    assertThat(order()).containsExactly(MIRROR, HUB);
    fail(1);
    assertThat(order()).containsExactly(HUB, MIRROR);
    assertThat(health.states()).containsEntry("https://mirror.example", BreakerState.OPEN);
  }

  @Test
  void originThatSaysNothing_isAskedLastFromThenOn() {
    health.fellSilent(MIRROR);
    assertThat(order()).containsExactly(HUB, MIRROR);
    health.answered(MIRROR);
    assertThat(order()).containsExactly(MIRROR, HUB);
  }

  @Test
  void answer_evenARefusal_endsTheRow() {
    fail(EndpointHealth.TOLERATED - 1);
    health.answered(MIRROR);
    fail(EndpointHealth.TOLERATED - 1);
    assertThat(order()).containsExactly(MIRROR, HUB);
  }

  @Test
  void afterTheRest_oneRequestTriesIt() {
    fail(EndpointHealth.TOLERATED);
    now.addAndGet(EndpointHealth.REST.toNanos());
    assertThat(health.states()).containsEntry("https://mirror.example", BreakerState.HALF_OPEN);
    assertThat(order()).containsExactly(MIRROR, HUB);
    assertThat(order()).containsExactly(HUB, MIRROR);
    health.answered(MIRROR);
    assertThat(order()).containsExactly(MIRROR, HUB);
    assertThat(health.states()).isEmpty();
  }

  @Test
  void originThatAskedForAPause_isAskedLast() {
    paused.add(MIRROR);
    assertThat(order()).containsExactly(HUB, MIRROR);
  }

  @Test
  void onlyOrigin_keepsItsPlace() {
    fail(10);
    assertThat(health.order(List.of(route(MIRROR)))).hasSize(1);
  }
}
