package io.entrepot.proxy.pull;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RegistryName;
import io.entrepot.store.RepositoryId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TagMemoryTest {

  private static final RepositoryId REDIS =
      new RepositoryId(RegistryName.DOCKER_HUB, "library/redis");
  private static final TagKey LATEST = new TagKey(REDIS, "latest");
  private static final Digest OLD = Digest.of("old".getBytes(StandardCharsets.UTF_8));
  private static final Digest NEW = Digest.of("new".getBytes(StandardCharsets.UTF_8));

  private final TagMemory memory = new TagMemory(Duration.ofMinutes(5));
  private final List<Digest> moves = new ArrayList<>();

  private static Descriptor described(Digest digest) {
    return Descriptor.of(MediaType.OCI_MANIFEST, digest, 3);
  }

  private boolean moveIfLatest(Digest digest) {
    return memory.moveIfLatest(LATEST, digest, () -> moves.add(digest));
  }

  @Test
  void promise_isKeptWhenTheContentComes_once() {
    memory.promise(LATEST, OLD);
    assertThat(memory.fulfilled(new ContentKey(REDIS, OLD))).containsExactly(LATEST);
    assertThat(moveIfLatest(OLD)).isTrue();
    assertThat(memory.fulfilled(new ContentKey(REDIS, OLD))).isEmpty();
    assertThat(moves).containsExactly(OLD);
  }

  @Test
  void promiseThatANewerAnswerOvertook_movesNothing() {
    memory.promise(LATEST, OLD);
    memory.described(LATEST, described(NEW), Duration.ofHours(1));
    assertThat(moveIfLatest(OLD)).isFalse();
    assertThat(moveIfLatest(NEW)).isTrue();
    assertThat(moves).containsExactly(NEW);
  }

  @Test
  void promiseOfATagThatIsGone_movesNothing() {
    memory.promise(LATEST, OLD);
    memory.gone(LATEST);
    assertThat(memory.isAbsent(LATEST)).isTrue();
    assertThat(moveIfLatest(OLD)).isFalse();
    assertThat(moves).isEmpty();
  }

  @Test
  void answerOfThisMoment_countsWhereNothingNewerIsKnown() {
    assertThat(memory.moveUnlessNewer(LATEST, OLD, () -> moves.add(OLD))).isTrue();
    memory.described(LATEST, described(NEW), Duration.ofHours(1));
    assertThat(memory.moveUnlessNewer(LATEST, OLD, () -> moves.add(OLD))).isFalse();
    assertThat(moves).containsExactly(OLD);
  }

  @Test
  void belief_endsWithItsTime() {
    assertThat(memory.belief(LATEST)).isNull();
    memory.believe(LATEST, Duration.ofHours(1), "old");
    assertThat(memory.belief(LATEST)).isNotNull();
    memory.believe(LATEST, Duration.ZERO, null);
    assertThat(memory.belief(LATEST)).isNull();
  }
}
