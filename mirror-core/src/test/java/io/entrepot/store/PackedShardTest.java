package io.entrepot.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.store.PackedShard.Found;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class PackedShardTest {

  @Provide
  Arbitrary<Set<Found>> files() {
    return Combinators.combine(
            Arbitraries.integers(),
            Arbitraries.longs().between(0, PackedShard.MAX_SIZE),
            Arbitraries.longs().between(0, 4_000_000_000_000L))
        .as((number, size, time) -> new Found(Digest.of(Stored.bytes("" + number)), size, time))
        .set()
        .uniqueElements(Found::digest)
        .ofMaxSize(200);
  }

  @Property
  void everyFile_isFoundAsItWasPacked_toTheSecond(@ForAll("files") Set<Found> files) {
    PackedShard shard = PackedShard.of(List.copyOf(files));
    assertThat(shard.count()).isEqualTo(files.size());
    List<Digest> digests = new ArrayList<>();
    for (Found file : files) {
      int index = shard.find(file.digest());
      assertThat(shard.digest(index)).isEqualTo(file.digest());
      assertThat(shard.size(index)).isEqualTo(file.size());
      assertThat(shard.lastUsed(index)).isEqualTo(file.lastUsed() / 1000 * 1000);
      digests.add(shard.digest(index));
    }
    assertThat(digests).doesNotHaveDuplicates();
    assertThat(shard.find(Digest.of(Stored.bytes("something else")))).isEqualTo(-1);
  }

  @Property
  void everyEntry_isTakenOnce(@ForAll("files") Set<Found> files) {
    PackedShard shard = PackedShard.of(List.copyOf(files));
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < shard.count(); i += 2) {
        assertThat(shard.take(i)).isEqualTo(round == 0);
      }
    }
    for (int i = 0; i < shard.count(); i++) {
      assertThat(shard.isTaken(i)).isEqualTo(i % 2 == 0);
    }
  }
}
