package io.entrepot.proxy.pull;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.oci.RegistryName;
import io.entrepot.registry.BlobSink.BlobStart;
import io.entrepot.registry.ByteSink;
import io.entrepot.store.RepositoryId;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Without a file: what comes is kept for those who are on their way, and not longer. */
class BlobFillTest {

  private static final int PIECE = 16 << 10;

  private final BufferBudget budget = new BufferBudget(1 << 20);
  private BlobFill fill;
  private int unattended;
  private ByteSink sink;

  @BeforeEach
  void begin() throws IOException {
    fill =
        new BlobFill(
            Runnable::run,
            new RepositoryId(RegistryName.DOCKER_HUB, "library/redis"),
            Digest.of(new byte[0]),
            budget,
            null,
            fill -> unattended++);
    assertThat(fill.retain()).isTrue();
    sink = fill.open(new BlobStart(100L << 20, 100L << 20));
  }

  private int writeUntilFull() {
    int pieces = 0;
    while (!sink.isFull()) {
      sink.write(Buffer.buffer(new byte[PIECE])).await();
      pieces++;
      assertThat(pieces).as("pieces taken without anybody reading").isLessThan(1000);
    }
    return pieces;
  }

  @Test
  void clientThatIsOnItsWay_findsTheFirstByte() {
    writeUntilFull();
    assertThat(fill.shared(0)).isNotNull();
    assertThat(fill.retain()).as("whoever comes as well").isTrue();
  }

  @Test
  void clientThatWentAway_holdsUpNobody() throws InterruptedException {
    int pieces = writeUntilFull();
    CountDownLatch drained = new CountDownLatch(1);
    sink.room().onSuccess(unused -> drained.countDown());
    fill.release();
    drained.await();
    for (int piece = 0; piece < 2 * pieces; piece++) {
      sink.write(Buffer.buffer(new byte[PIECE])).await();
    }
    assertThat(sink.isFull()).isFalse();
    assertThat(fill.sharedBytes()).isLessThan((long) (pieces + 1) * PIECE);
    assertThat(fill.retain()).as("its beginning is gone").isFalse();
  }

  @Test
  void manyFetchesAtATime_holdLittleEach() throws IOException {
    int alone = writeUntilFull();
    budget.take(1 << 20);
    BlobFill crowded = fill;
    begin();
    assertThat(writeUntilFull()).isLessThan(alone / 4);
    budget.giveBack(1 << 20);
    crowded.release();
    crowded.finish();
    fill.release();
    fill.finish();
    assertThat(budget.used()).isZero();
  }

  @Test
  void fetchThatNobodyWaitsFor_isGivenUp_andJoinedByNobody() {
    assertThat(fill.abandon()).as("somebody waits").isFalse();
    fill.release();
    assertThat(unattended).isEqualTo(1);
    assertThat(fill.isNearlyDone()).isFalse();
    assertThat(fill.abandon()).isTrue();
    assertThat(fill.retain()).isFalse();
    assertThat(sink.write(Buffer.buffer(new byte[PIECE])).failed()).isTrue();
  }

  @Test
  void fetchThatSomebodyCameBackFor_goesOn() {
    fill.release();
    assertThat(fill.retain()).isTrue();
    assertThat(fill.abandon()).isFalse();
    assertThat(sink.write(Buffer.buffer(new byte[PIECE])).succeeded()).isTrue();
  }
}
