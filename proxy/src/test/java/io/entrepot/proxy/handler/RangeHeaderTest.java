package io.entrepot.proxy.handler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class RangeHeaderTest {

  private static final long MOST = 1L << 50;

  private static RangeHeader parsed(String text) {
    return Objects.requireNonNull(RangeHeader.parse(text), text);
  }

  @Test
  void range_hasItsLastByte() {
    RangeHeader range = parsed("bytes=2-5");
    assertThat(range.first(10)).isEqualTo(2);
    assertThat(range.end(10)).isEqualTo(6);
    assertThat(range.end(4)).as("of shorter content").isEqualTo(4);
    assertThat(range.satisfiable(10)).isTrue();
    assertThat(range.satisfiable(2)).isFalse();
  }

  @Test
  void suffix_isCountedFromTheEnd() {
    RangeHeader range = parsed("bytes=-3");
    assertThat(range.first(10)).isEqualTo(7);
    assertThat(range.end(10)).isEqualTo(10);
    assertThat(range.first(2)).as("longer than the content").isZero();
    assertThat(range.satisfiable(0)).isFalse();
    assertThat(parsed("bytes=-0").satisfiable(10)).isFalse();
  }

  @Test
  void endBeforeTheBeginning_isNotSatisfiable() {
    assertThat(parsed("bytes=5-2").satisfiable(10)).isFalse();
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=1",
        "bytes=a-b",
        "bytes=1-2,4-5",
        "items=1-2",
        "bytes=1 - 2",
        "bytes=-1-2",
        "bytes=1234567890123456789-"
      })
  void otherThanOneRangeOfBytes_isIgnored(String text) {
    assertThat(RangeHeader.parse(text)).isNull();
  }

  @Property
  void satisfiableRange_liesWithinTheContent(
      @ForAll @LongRange(min = 0, max = MOST) long from,
      @ForAll @LongRange(min = -1, max = MOST) long to,
      @ForAll @LongRange(min = 0, max = MOST) long size) {
    RangeHeader range = parsed("bytes=" + from + "-" + (to < 0 ? "" : to));
    boolean expected = from < size && (to < 0 || to >= from);
    assertThat(range.satisfiable(size)).isEqualTo(expected);
    if (expected) {
      assertThat(range.first(size)).isEqualTo(from);
      assertThat(range.end(size))
          .isGreaterThan(range.first(size))
          .isEqualTo(to < 0 ? size : Math.min(size, to + 1));
    }
  }

  @Property
  void suffix_hasAsManyBytesAsItSays_orAll(
      @ForAll @LongRange(min = 1, max = MOST) long length,
      @ForAll @LongRange(min = 1, max = MOST) long size) {
    RangeHeader range = parsed("bytes=-" + length);
    assertThat(range.end(size) - range.first(size)).isEqualTo(Math.min(length, size));
  }

  @Property
  void anyText_isARangeOrIgnored(@ForAll String text) {
    RangeHeader range = RangeHeader.parse("bytes=" + text);
    if (range != null && range.satisfiable(100)) {
      assertThat(range.first(100)).isBetween(0L, 99L);
      assertThat(range.end(100)).isBetween(range.first(100) + 1, 100L);
    }
  }
}
