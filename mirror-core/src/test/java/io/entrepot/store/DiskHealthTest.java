package io.entrepot.store;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskHealthTest {

  @Test
  void room_isAskedForWithSomeToSpare(@TempDir Path directory) {
    try (Store store = Store.open(directory)) {
      store.disk().requireRoom(1);
      assertThatThrownBy(() -> store.disk().requireRoom(Long.MAX_VALUE / 2))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("do not fit")
          .extracting("reason")
          .isEqualTo(StoreException.Reason.FULL);
    }
  }
}
