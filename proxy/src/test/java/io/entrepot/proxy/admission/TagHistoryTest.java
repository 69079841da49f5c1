package io.entrepot.proxy.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import java.time.Instant;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class TagHistoryTest {

  private static Digest digest(int number) {
    return Digest.of(new byte[] {(byte) number});
  }

  @Property
  void whatATagMeansNow_isAlwaysFirst_andNothingIsThereTwice(
      @ForAll @Size(min = 1, max = 40) List<@IntRange(min = 0, max = 12) Integer> meanings) {
    TagHistory history = TagHistory.NONE;
    for (int each : meanings) {
      history = history.then(digest(each), Instant.EPOCH, left -> each % 3 == 0);
      assertThat(history.newestFirst().getFirst()).isEqualTo(digest(each));
      assertThat(history.newestFirst()).doesNotHaveDuplicates().hasSizeLessThanOrEqualTo(8);
    }
  }

  @Property
  void goingBack_takesBackWhatCameAfter(@ForAll @IntRange(min = 1, max = 6) int later) {
    TagHistory history = TagHistory.NONE.then(digest(0), Instant.EPOCH, left -> false);
    for (int i = 1; i <= later; i++) {
      history = history.then(digest(i), Instant.EPOCH, left -> false);
    }
    assertThat(history.then(digest(0), Instant.EPOCH, left -> false).newestFirst())
        .containsExactly(digest(0));
  }
}
