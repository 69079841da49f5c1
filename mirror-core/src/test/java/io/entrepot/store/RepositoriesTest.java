package io.entrepot.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Tag;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepositoriesTest {

  private static final byte[] LAYER = Stored.bytes("a layer of some bytes");

  private static RepositoryId numbered(int number) {
    return RepositoryId.local("team/app" + number);
  }

  @Test
  void namesThatWereOnlyAskedFor_areNotKept(@TempDir Path directory) {
    try (Store store = Store.open(directory)) {
      for (int i = 0; i < 1000; i++) {
        assertThat(store.repositories().open(numbered(i)).isEmpty()).isTrue();
      }
      assertThat(store.repositories().keptCount()).isZero();
      assertThat(store.repositories().names()).isEmpty();
      store.repositories().open(numbered(5)).linkBlob(Digest.of(LAYER));
      assertThat(store.repositories().keptCount()).isEqualTo(1);
      assertThat(store.repositories().names()).containsOnlyKeys("team/app5");
    }
  }

  @Test
  void twoWhoOpenARepositoryThatDoesNotExist_seeEachOthersChanges(@TempDir Path directory) {
    try (Store store = Store.open(directory)) {
      StoredRepository one = store.repositories().open(numbered(1));
      StoredRepository other = store.repositories().open(numbered(1));
      one.linkBlob(Digest.of(LAYER));
      assertThat(other.hasBlob(Digest.of(LAYER))).isTrue();
      assertThat(store.repositories().open(numbered(1))).isSameAs(one);
    }
  }

  @Test
  void repositoriesBeyondTheLimit_areReadAgain(@TempDir Path directory) throws Exception {
    RawManifest image = Stored.image(LAYER);
    try (Store store = Store.open(directory)) {
      for (int i = 0; i < 40; i++) {
        StoredRepository repository = store.repositories().open(numbered(i));
        repository.put(image, image.parse(), List.of(new Tag("t" + i)));
      }
      StoreLayout layout = new StoreLayout(store.root());
      int each = store.repositories().open(numbered(0)).weight();
      Repositories few =
          new Repositories(layout, store.contents(), store.disk(), StoreClock.SYSTEM, 10L * each);
      for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 40; i++) {
          assertThat(few.open(numbered(i)).tags()).containsOnlyKeys("t" + i);
          assertThat(few.keptCount()).isLessThanOrEqualTo(10);
        }
      }
      assertThat(few.names()).hasSize(40);
    }
  }
}
