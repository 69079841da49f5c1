package io.entrepot.proxy.pull;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.RegistryName;
import io.vertx.core.Future;
import org.junit.jupiter.api.Test;

class FetchSlotsTest {

  private static final RegistryName HUB = RegistryName.DOCKER_HUB;
  private static final RegistryName QUAY = new RegistryName("quay.io");

  private final FetchSlots slots = new FetchSlots(2, 3);

  @Test
  void fetchesOfOneUpstream_waitForTheirTurn_inOrder() {
    assertThat(slots.acquire(HUB).succeeded()).isTrue();
    assertThat(slots.acquire(HUB).succeeded()).isTrue();
    Future<Void> third = slots.acquire(HUB);
    Future<Void> fourth = slots.acquire(HUB);
    assertThat(third.isComplete()).isFalse();
    assertThat(slots.isContended(HUB)).isTrue();
    slots.release(HUB);
    assertThat(third.succeeded()).isTrue();
    assertThat(fourth.isComplete()).isFalse();
    slots.release(HUB);
    assertThat(fourth.succeeded()).isTrue();
    assertThat(slots.isContended(HUB)).isFalse();
  }

  @Test
  void upstreamThatIsBusy_doesNotHoldUpAnother() {
    assertThat(slots.acquire(HUB).succeeded()).isTrue();
    assertThat(slots.acquire(HUB).succeeded()).isTrue();
    Future<Void> waiting = slots.acquire(HUB);
    assertThat(slots.isContended(QUAY)).isFalse();
    assertThat(slots.acquire(QUAY).succeeded()).isTrue();
    assertThat(slots.isContended(QUAY)).as("all slots are taken, and one waits").isTrue();
    slots.release(QUAY);
    assertThat(waiting.isComplete()).as("its upstream is as busy as before").isFalse();
  }
}
