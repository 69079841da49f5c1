package io.entrepot.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTest {

  @Test
  void directoryInUse_orOfAnotherKind_isRefused(@TempDir Path directory) throws IOException {
    Path home = directory.resolve("home");
    Files.createDirectories(home);
    Files.writeString(home.resolve("letter.txt"), "hello");
    assertThatThrownBy(() -> Store.open(home)).hasMessageContaining("not a store");
    Path newer = directory.resolve("newer");
    try (Store store = Store.open(newer)) {
      assertThatThrownBy(() -> Store.open(newer))
          .isInstanceOfSatisfying(
              StoreException.class,
              failure -> assertThat(failure.reason()).isEqualTo(StoreException.Reason.LOCKED));
      assertThat(store.contents().count()).isZero();
    }
    Files.writeString(newer.resolve("VERSION"), "entrepot store 99\n");
    assertThatThrownBy(() -> Store.open(newer)).hasMessageContaining("store 99");
  }
}
