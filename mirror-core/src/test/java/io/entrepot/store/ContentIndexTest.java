package io.entrepot.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.store.PackedShard.Found;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContentIndexTest {

  private final TestClock time = new TestClock();
  private StoreLayout layout;
  private ContentIndex index;

  @BeforeEach
  void start(@TempDir Path directory) {
    layout = new StoreLayout(directory);
    index = new ContentIndex(time.clock(), new FileLook(layout, time.clock()));
  }

  private Digest write(String text) throws IOException {
    return write(Digest.of(Stored.bytes(text)), Stored.bytes(text));
  }

  private Digest write(Digest digest, byte[] content) throws IOException {
    Path file = layout.blob(digest);
    Files.createDirectories(file.getParent());
    Files.write(file, content);
    Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_000_000)));
    return digest;
  }

  private void enterAll() throws IOException {
    for (int shard = 0; shard < ContentIndex.SHARDS; shard++) {
      List<Found> found = new ArrayList<>();
      for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
        Path directory = layout.blobs(algorithm).resolve("%02x".formatted(shard));
        if (Files.isDirectory(directory)) {
          try (var files = Files.list(directory)) {
            for (Path each : files.toList()) {
              Digest digest = new Digest(algorithm, each.getFileName().toString());
              found.add(new FileLook(layout, time.clock()).at(digest));
            }
          }
        }
      }
      synchronized (index.stripe(shard)) {
        index.enter(shard, found);
      }
    }
    index.listed(null);
  }

  private void assertCounted(int count, long bytes) {
    assertThat(index.count()).isEqualTo(count);
    assertThat(index.bytes()).isEqualTo(bytes);
    List<Digest> shown = new ArrayList<>();
    index.forEach((digest, entry) -> shown.add(digest));
    assertThat(shown).hasSize(count).doesNotHaveDuplicates();
  }

  @Test
  void fileOfAShardThatIsNotListed_isLookedAtWhenItIsAskedFor_andCountedOnce() throws IOException {
    Digest asked = write("asked for");
    Digest peeked = write("peeked at");
    assertThat(index.peek(peeked)).isNotNull();
    assertThat(index.isIdle(peeked)).isTrue();
    IndexEntry entry = index.entry(asked);
    assertThat(entry).isNotNull().isSameAs(index.entry(asked));
    assertThat(index.entry(Digest.of(Stored.bytes("absent")))).isNull();
    enterAll();
    assertThat(index.entry(asked)).isSameAs(entry);
    assertCounted(2, 18);
    assertThat(index.entry(peeked)).isNotNull();
    assertCounted(2, 18);
  }

  @Test
  void fileThatComesInBeforeItsShardIsListed_isCountedOnce() throws IOException {
    Digest digest = write("content");
    index.put(digest, new IndexEntry(7, time.clock().wall().millis(), true));
    enterAll();
    assertCounted(1, 7);
    assertThat(index.entry(digest)).isNotNull().matches(IndexEntry::isVerified);
  }

  @Test
  void packedFileThatIsPutAgain_isCountedOnce_andRemovedAsAWhole() throws IOException {
    Digest digest = write("content");
    enterAll();
    assertCounted(1, 7);
    IndexEntry fresh = new IndexEntry(7, time.clock().wall().millis(), true);
    index.put(digest, fresh);
    assertCounted(1, 7);
    assertThat(index.forget(digest, fresh)).isTrue();
    assertCounted(0, 0);
    assertThat(index.entry(digest)).isNull();
    assertThat(index.peek(digest)).isNull();
  }

  @Test
  void fileThatIsBeingRemovedBeforeItsShardIsListed_isNotFoundAgain() throws IOException {
    Digest digest = write("content");
    IndexEntry entry = Objects.requireNonNull(index.entry(digest));
    assertThat(index.forget(digest, entry)).isTrue();
    // The file goes after its entry.
    assertThat(index.entry(digest)).isNull();
    assertThat(index.peek(digest)).isNull();
    Files.delete(layout.blob(digest));
    enterAll();
    assertCounted(0, 0);
    index.put(digest, new IndexEntry(7, time.clock().wall().millis(), true));
    assertThat(index.entry(digest)).isNotNull();
    assertCounted(1, 7);
  }

  @Test
  void entryThatWasReplaced_isNotForgotten() throws IOException {
    Digest digest = write("content");
    enterAll();
    IndexEntry old = Objects.requireNonNull(index.entry(digest));
    index.put(digest, new IndexEntry(7, time.clock().wall().millis(), true));
    assertThat(index.forget(digest, old)).isFalse();
    assertCounted(1, 7);
  }

  @Test
  void emptiedFile_isAbsent_theEmptyContentIsNot_andSha512IsContentToo() throws IOException {
    byte[] nothing = {};
    Digest emptied = write(Digest.of(Stored.bytes("content")), nothing);
    Digest empty = write(Digest.of(nothing), nothing);
    byte[] long512 = Stored.bytes("of the other algorithm");
    Digest other = write(Digest.of(Digest.Algorithm.SHA512, long512), long512);
    assertThat(index.entry(emptied)).isNull();
    assertThat(index.entry(empty)).isNotNull();
    Files.delete(layout.blob(emptied));
    enterAll();
    assertThat(index.entry(other)).isNotNull();
    assertCounted(2, long512.length);
  }

  @Test
  void manyWhoAskWhileShardsAreListed_getOneEntryEach_andNobodyMisses() throws Exception {
    List<Digest> digests = new ArrayList<>();
    long bytes = 0;
    for (int i = 0; i < 2_000; i++) {
      String text = "content " + i;
      digests.add(write(text));
      bytes += text.length();
    }
    CountDownLatch begin = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<List<IndexEntry>>> askers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        askers.add(
            threads.submit(
                () -> {
                  begin.await();
                  return digests.stream().map(index::entry).toList();
                }));
      }
      begin.countDown();
      enterAll();
      List<IndexEntry> first = askers.getFirst().get();
      assertThat(first).doesNotContainNull();
      for (Future<List<IndexEntry>> each : askers) {
        assertThat(each.get()).isEqualTo(first);
      }
    }
    assertCounted(2_000, bytes);
  }
}
