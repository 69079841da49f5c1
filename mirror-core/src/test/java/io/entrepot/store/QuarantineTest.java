package io.entrepot.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuarantineTest {

  private static void spoil(StoreLayout layout, Quarantine quarantine, byte[] content)
      throws IOException {
    Path file = layout.blob(Digest.of(content));
    Files.createDirectories(file.getParent());
    Files.write(file, content);
    quarantine.take(Digest.of(content), "a test says so");
  }

  @Test
  void newestFiles_areKeptUpToTheLimit(@TempDir Path directory) throws IOException {
    StoreLayout layout = new StoreLayout(directory);
    Files.createDirectories(layout.quarantine());
    TestClock time = new TestClock();
    Quarantine quarantine = new Quarantine(layout, new DiskHealth(layout), time.clock(), 2_500);
    List<byte[]> contents = Stream.of(1, 2, 3, 4).map(each -> new byte[1000 + each]).toList();
    for (byte[] each : contents) {
      spoil(layout, quarantine, each);
      time.pass(Duration.ofSeconds(1));
    }
    assertThat(quarantine.corruptions()).isEqualTo(4);
    assertThat(quarantine.bytes()).isEqualTo(1003 + 1004);
    try (Stream<Path> left = Files.list(layout.quarantine())) {
      assertThat(left.map(file -> file.toFile().length())).containsExactlyInAnyOrder(1003L, 1004L);
    }
  }

  @Test
  void fileBeyondTheLimit_isNotKept_andThoseBeforeAre(@TempDir Path directory) throws IOException {
    StoreLayout layout = new StoreLayout(directory);
    Files.createDirectories(layout.quarantine());
    TestClock time = new TestClock();
    Quarantine quarantine = new Quarantine(layout, new DiskHealth(layout), time.clock(), 2_500);
    spoil(layout, quarantine, new byte[100]);
    time.pass(Duration.ofSeconds(1));
    spoil(layout, quarantine, new byte[5_000]);
    assertThat(quarantine.bytes()).isEqualTo(100);
  }

  @Test
  void start_countsWhatLiesThere(@TempDir Path directory) throws IOException {
    Store.open(directory).close();
    Files.write(directory.resolve("quarantine/put-here-by-hand"), new byte[70]);
    try (Store store = Store.open(directory)) {
      assertThat(store.quarantine().bytes()).isEqualTo(70);
    }
  }
}
