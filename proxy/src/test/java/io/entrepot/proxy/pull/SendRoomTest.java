package io.entrepot.proxy.pull;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SendRoomTest {

  private static final Duration LONG = Duration.ofHours(1);

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
  void whoeverWaits_hasThePlaceThatIsGivenBack_andKeepsItsTurn() {
    SendRoom room = new SendRoom(10, LONG, LONG);
    Client first = new Client();
    Client second = new Client();
    Client third = new Client();
    assertThat(room.take(first, 10, vertx)).isTrue();
    assertThat(room.take(second, 10, vertx)).isFalse();
    assertThat(room.take(third, 1, vertx)).isFalse();
    room.giveBack(first);
    assertThat(second.called.getCount()).isZero();
    assertThat(third.called.getCount()).isEqualTo(1);
    assertThat(room.held()).isEqualTo(10);
    room.giveBack(second);
    assertThat(third.called.getCount()).isZero();
    assertThat(room.held()).isEqualTo(1);
  }

  @Test
  void placeThatIsGivenBackTwice_countsOnce() {
    SendRoom room = new SendRoom(10, LONG, LONG);
    Client client = new Client();
    assertThat(room.take(client, 4, vertx)).isTrue();
    room.giveBack(client);
    room.giveBack(client);
    assertThat(room.held()).isZero();
  }

  @Test
  void pieceLargerThanTheRoom_isSentAlone() {
    SendRoom room = new SendRoom(10, LONG, LONG);
    assertThat(room.take(new Client(), 100, vertx)).isTrue();
    assertThat(room.take(new Client(), 1, vertx)).isFalse();
  }

  @Test
  void clientThatTakesNothing_makesRoomForWhoWaits() throws InterruptedException {
    SendRoom room = new SendRoom(1, Duration.ZERO, LONG);
    Client stalled = new Client();
    Client waiting = new Client();
    assertThat(room.take(stalled, 1, vertx)).isTrue();
    assertThat(room.take(waiting, 1, vertx)).isFalse();
    assertThat(stalled.cut.await(1, TimeUnit.MINUTES)).isTrue();
    assertThat(waiting.called.await(1, TimeUnit.MINUTES)).isTrue();
    assertThat(waiting.cut.getCount()).isEqualTo(1);
  }

  @Test
  void clientThatTakesNothing_isCutAtTheLimit_alsoWhereNobodyWaits() throws InterruptedException {
    SendRoom room = new SendRoom(10, Duration.ZERO, Duration.ZERO);
    Client stalled = new Client();
    assertThat(room.take(stalled, 1, vertx)).isTrue();
    assertThat(stalled.cut.await(1, TimeUnit.MINUTES)).isTrue();
  }

  @Test
  void threeThousandClientsThatReadNothing_leaveRoomForOneThatReads() {
    SendRoom room = new SendRoom(64 << 20, LONG, LONG);
    List<Boolean> taken = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      // What the system takes for a client that reads nothing, and then one piece more.
      taken.add(room.take(new Client(), SendRoom.piece(1 << 20), vertx));
    }
    assertThat(taken).doesNotContain(false);
    assertThat(room.take(new Client(), SendRoom.piece(1 << 30), vertx)).isTrue();
  }
}
