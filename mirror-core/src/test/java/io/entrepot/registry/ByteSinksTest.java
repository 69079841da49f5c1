package io.entrepot.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.registry.auth.Origin;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What writers rely on: a full sink has room later, or says that it takes no more. */
class ByteSinksTest {

  private static final Target SESSION =
      new Target(Origin.of(URI.create("https://quay.io")), "/session");

  private record Sent(long position, String bytes, Promise<Target> answer) {}

  private final List<Sent> sent = new ArrayList<>();
  private final ChunkSink chunks =
      new ChunkSink(
          4,
          10,
          (position, chunk, location) -> {
            Promise<Target> answer = Promise.promise();
            sent.add(new Sent(position, chunk.toString(), answer));
            return answer.future();
          },
          SESSION);

  @Test
  void chunks_oneAtATime_inOrder_andTheRestAtTheEnd() {
    assertThat(chunks.write(Buffer.buffer("ab")).succeeded()).isTrue();
    assertThat(chunks.isFull()).isFalse();
    chunks.write(Buffer.buffer("cdefg"));
    assertThat(chunks.isFull()).isTrue();
    Future<Void> room = chunks.room();
    assertThat(room.isComplete()).isFalse();
    sent.getFirst().answer().complete(SESSION);
    assertThat(room.succeeded()).isTrue();
    assertThat(chunks.isFull()).isFalse();
    Future<Target> end = chunks.finish();
    sent.getLast().answer().complete(SESSION);
    assertThat(end.result()).isEqualTo(SESSION);
    assertThat(sent).extracting(Sent::position).containsExactly(10L, 14L);
    assertThat(sent).extracting(Sent::bytes).containsExactly("abcd", "efg");
  }

  @Test
  void chunkThatIsRefused_endsTheWaitForRoom_andEveryLaterWrite() {
    chunks.write(Buffer.buffer("abcd"));
    Future<Void> room = chunks.room();
    IllegalStateException refused = new IllegalStateException("no");
    sent.getFirst().answer().fail(refused);
    assertThat(room.cause()).isSameAs(refused);
    assertThat(chunks.write(Buffer.buffer("e")).cause()).isSameAs(refused);
    assertThat(chunks.room().cause()).isSameAs(refused);
    assertThat(chunks.failure()).isSameAs(refused);
  }

  @Test
  void memory_alwaysHasRoom() {
    MemorySink memory = new MemorySink();
    assertThat(memory.write(Buffer.buffer("ab")).succeeded()).isTrue();
    assertThat(memory.isFull()).isFalse();
    assertThat(memory.room().succeeded()).isTrue();
    assertThat(memory.bytes()).containsExactly('a', 'b');
  }
}
