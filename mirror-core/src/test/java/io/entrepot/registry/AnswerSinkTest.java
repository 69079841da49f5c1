package io.entrepot.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerSinkTest {

  private final AnswerRoom room = new AnswerRoom(10 << 20);

  /** Whatever a registry says of the length, also a lie. */
  @ParameterizedTest
  @CsvSource({
    "0,0",
    "0,100",
    "100,100",
    "100,0",
    "300000,300000",
    "300000,0",
    "300000,10",
    "10,300000",
    "3000000,3000000",
    "3000000,4000000"
  })
  void answersOfAnyLength_areCollectedWhole(int length, long expected) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    AnswerSink sink = new AnswerSink(room.share(length), expected);
    for (int from = 0; from < length; from += 7000) {
      if (sink.isFull()) {
        assertThat(sink.room().succeeded()).isTrue();
      }
      sink.write(Buffer.buffer(Arrays.copyOfRange(bytes, from, Math.min(length, from + 7000))));
    }
    assertThat(sink.bytes()).isEqualTo(bytes);
  }
}
