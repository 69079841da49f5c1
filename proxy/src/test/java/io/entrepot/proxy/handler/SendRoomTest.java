package io.entrepot.proxy.handler;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SendRoomTest {

  private static final class Client implements SendRoom.Sender {
    private final CountDownLatch called = new CountDownLatch(1);
    private final CountDownLatch cut = new CountDownLatch(1);

    @Override
    public void go() {
      called.countDown();
    }

    @Override
    public void giveUp() {
      cut.countDown();
    }
  }

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() {
    vertx.close().await();
  }

  @Test
  void whoeverWaits_isCalledWhenAPlaceIsGivenBack() {
    SendRoom room = new SendRoom(1, Duration.ofHours(1));
    Client first = new Client();
    Client second = new Client();
    assertThat(room.take(first, vertx)).isTrue();
    assertThat(room.take(second, vertx)).isFalse();
    assertThat(second.called.getCount()).isEqualTo(1);
    room.giveBack(first);
    assertThat(second.called.getCount()).isZero();
    assertThat(room.take(second, vertx)).isTrue();
    assertThat(room.held()).isEqualTo(1);
  }

  @Test
  void callThatIsOfNoUse_goesToTheNext() {
    SendRoom room = new SendRoom(1, Duration.ofHours(1));
    Client first = new Client();
    Client gone = new Client();
    Client last = new Client();
    assertThat(room.take(first, vertx)).isTrue();
    assertThat(room.take(gone, vertx)).isFalse();
    assertThat(room.take(last, vertx)).isFalse();
    room.giveBack(first);
    assertThat(last.called.getCount()).isEqualTo(1);
    room.pass();
    assertThat(last.called.getCount()).isZero();
  }

  @Test
  void clientThatTakesNothing_makesRoomForWhoWaits() throws InterruptedException {
    SendRoom room = new SendRoom(1, Duration.ZERO);
    Client stalled = new Client();
    Client waiting = new Client();
    assertThat(room.take(stalled, vertx)).isTrue();
    assertThat(room.take(waiting, vertx)).isFalse();
    assertThat(stalled.cut.await(1, TimeUnit.MINUTES)).isTrue();
    assertThat(waiting.called.await(1, TimeUnit.MINUTES)).isTrue();
    assertThat(waiting.cut.getCount()).isEqualTo(1);
  }

  @Test
  void clientThatTakesNothing_staysWhileNobodyWaits() {
    SendRoom room = new SendRoom(2, Duration.ZERO);
    Client stalled = new Client();
    assertThat(room.take(stalled, vertx)).isTrue();
    assertThat(room.take(new Client(), vertx)).isTrue();
    assertThat(stalled.cut.getCount()).isEqualTo(1);
    assertThat(room.held()).isEqualTo(2);
  }
}
