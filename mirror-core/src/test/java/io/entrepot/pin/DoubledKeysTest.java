package io.entrepot.pin;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.sites.LeftReason;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Keys that stand twice in one map cost what stands below them. */
final class DoubledKeysTest {

  private static final Map<String, String> LOCK =
      Map.of("docker.io/acme/app:1", Locks.MIRROR + "/app:1");

  @Test
  void doubledKey_keepsBackWhatIsBelowIt_andNothingElse() {
    Pinning pinned =
        Pinning.of(
            """
            appImage: acme/app:1
            redis:
              replica:
                image: acme/app:1
              port: 1
              replica:
                image: acme/app:1
            otherImage: acme/app:1
            """,
            LOCK);

    assertThat(pinned.edits()).extracting(SiteEdit::line).containsExactly(1, 8);
    assertThat(pinned.left()).extracting(Left::line).containsExactly(4, 6, 7);
    assertThat(pinned.reasons()).containsOnly(LeftReason.UNREADABLE);
    assertThat(pinned.left())
        .extracting(Left::image)
        .containsExactly("docker.io/acme/app:1", "", "docker.io/acme/app:1");
  }

  @Test
  void doubledKeysOfSeveralMaps_areEachNamed() {
    Pinning pinned = Pinning.of("a: {x: 1, x: 2}\nb: {y: 1, y: 2}\nimage: acme/app:1\n", LOCK);

    assertThat(pinned.edits()).hasSize(1);
    assertThat(pinned.left()).extracting(Left::line).containsExactly(1, 2);
  }
}
