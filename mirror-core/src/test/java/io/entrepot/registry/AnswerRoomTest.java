package io.entrepot.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import org.junit.jupiter.api.Test;

class AnswerRoomTest {

  private final AnswerRoom room = new AnswerRoom(10);

  @Test
  void longAnswers_waitForTheirTurn_inOrder() {
    AnswerRoom.Share first = room.share(6);
    AnswerRoom.Share second = room.share(6);
    AnswerRoom.Share third = room.share(1);
    assertThat(first.take().succeeded()).isTrue();
    Future<Void> waits = second.take();
    Future<Void> waitsToo = third.take();
    assertThat(waits.isComplete()).isFalse();
    assertThat(waitsToo.isComplete()).isFalse();
    first.end();
    assertThat(waits.succeeded()).isTrue();
    assertThat(waitsToo.succeeded()).isTrue();
    assertThat(room.held()).isEqualTo(7);
  }

  @Test
  void shareThatIsTakenOrGivenBackTwice_countsOnce() {
    AnswerRoom.Share share = room.share(6);
    assertThat(share.take().succeeded()).isTrue();
    assertThat(share.take().succeeded()).isTrue();
    assertThat(room.held()).isEqualTo(6);
    share.end();
    share.end();
    assertThat(room.held()).isZero();
  }

  @Test
  void shareThatEndsBeforeItsTurn_isGivenBackWhenTheTurnComes() {
    AnswerRoom.Share first = room.share(10);
    AnswerRoom.Share gone = room.share(10);
    assertThat(first.take().succeeded()).isTrue();
    Future<Void> waits = gone.take();
    gone.end();
    first.end();
    assertThat(waits.succeeded()).isTrue();
    assertThat(room.held()).isZero();
  }

  @Test
  void answerLongerThanTheRoom_comesAlone() {
    assertThat(room.share(100).take().succeeded()).isTrue();
    assertThat(room.share(1).take().isComplete()).isFalse();
  }

  @Test
  void shareThatNobodyTook_givesNothingBack() {
    room.share(6).end();
    assertThat(room.held()).isZero();
  }
}
