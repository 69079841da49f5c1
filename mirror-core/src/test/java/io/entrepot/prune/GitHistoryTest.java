package io.entrepot.prune;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real git repository pins. */
final class GitHistoryTest {

  private static final Repository TARGET = Repository.parse("ghcr.io/acme/mirror");
  private static final Repository APP = Repository.parse("ghcr.io/acme/mirror/app");
  private static final Instant NOW = Instant.parse("2026-11-27T00:00:00Z");

  @TempDir Path folder;

  @BeforeEach
  void start() throws Exception {
    git(NOW, "init", "-q", "-b", "main");
  }

  private static Digest digest(String name) {
    return Digest.of(name.getBytes(UTF_8));
  }

  private static Instant daysAgo(int days) {
    return NOW.minus(Duration.ofDays(days));
  }

  private void git(Instant time, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("git", "-c", "user.name=t", "-c", "user.email=t@example.org"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().put("GIT_COMMITTER_DATE", "@" + time.getEpochSecond() + " +0000");
    builder.environment().put("GIT_AUTHOR_DATE", "@0 +0000");
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  private Path lock(String name) throws IOException {
    return Files.writeString(
        folder.resolve("images.lock.yaml"),
        """
        version: 1
        images:
          docker.io/acme/app:1:
            digest: %s
            target: ghcr.io/acme/mirror/app:1
            platforms: [linux/amd64]
        """
            .formatted(digest(name)));
  }

  private void commit(Instant time) throws Exception {
    git(time, "add", "-A");
    git(time, "commit", "-q", "--no-gpg-sign", "-m", "x");
  }

  private Marks marks() {
    Path file = folder.resolve("images.lock.yaml");
    LockFile lock = LockFileCodec.read(file);
    return MarkReader.read(file, lock, List.of(), List.of(), TARGET, daysAgo(90));
  }

  @Test
  void locksInForceSinceThen_count_olderOnesDoNot() throws Exception {
    lock("oldest");
    commit(daysAgo(400));
    lock("older");
    commit(daysAgo(200));
    lock("former");
    commit(daysAgo(50));
    lock("now");
    commit(daysAgo(10));
    Marks marks = marks();
    assertThat(marks.unseen()).isEmpty();
    assertThat(marks.of(digest("now"))).isPresent();
    assertThat(marks.of(digest("former"))).isPresent();
    // It was in force until 50 days ago.
    assertThat(marks.of(digest("older"))).isPresent();
    assertThat(marks.of(digest("oldest"))).isEmpty();
    assertThat(marks.left(APP, digest("oldest")).orElseThrow().getEpochSecond())
        .isEqualTo(daysAgo(200).getEpochSecond());
    assertThat(marks.heldIn(APP))
        .containsExactlyInAnyOrder(
            digest("oldest"), digest("older"), digest("former"), digest("now"));
  }

  @Test
  void mergeThatReplacedALock_countsWhenItWasMade() throws Exception {
    lock("main");
    commit(daysAgo(300));
    git(daysAgo(300), "checkout", "-q", "-b", "feature");
    lock("feature");
    commit(daysAgo(200));
    git(daysAgo(20), "checkout", "-q", "main");
    git(daysAgo(20), "merge", "-q", "--no-ff", "-m", "m", "feature");
    git(daysAgo(20), "branch", "-D", "feature");
    // The lock of main was in force until the merge.
    assertThat(marks().of(digest("main"))).isPresent();
  }

  @Test
  void headsOfBranches_atAnyAge_tagsByTheirCommit() throws Exception {
    lock("now");
    commit(daysAgo(1));
    for (String name : List.of("branch", "young", "aged")) {
      git(NOW, "checkout", "-q", "--orphan", name);
      Files.writeString(folder.resolve("values.yaml"), "image: x@" + digest(name) + "\n");
      commit(daysAgo(name.equals("young") ? 10 : 1000));
      if (!name.equals("branch")) {
        git(NOW, "tag", "t-" + name);
        git(NOW, "checkout", "-q", "main");
        git(NOW, "branch", "-D", name);
      }
    }
    git(NOW, "checkout", "-q", "main");
    git(NOW, "update-ref", "refs/remotes/origin/far", "refs/heads/branch");
    git(NOW, "branch", "-D", "branch");
    Marks marks = marks();
    assertThat(marks.of(digest("branch"))).isPresent();
    assertThat(marks.of(digest("young"))).isPresent();
    assertThat(marks.of(digest("aged"))).isEmpty();
  }

  @Test
  void untrackedFiles_count() throws Exception {
    lock("now");
    commit(daysAgo(1));
    Files.writeString(folder.resolve("new.yaml"), "digest: " + digest("untracked"));
    assertThat(marks().of(digest("untracked"))).isPresent();
  }

  @Test
  void lockThatDoesNotParse_itsTextCounts() throws Exception {
    Files.writeString(
        folder.resolve("images.lock.yaml"), "version: 9\nimagez: {x: \"" + digest("odd") + "\"}\n");
    commit(daysAgo(30));
    lock("now");
    commit(daysAgo(10));
    Marks marks = marks();
    assertThat(marks.unseen()).isEmpty();
    assertThat(marks.of(digest("odd"))).isPresent();
  }

  @Test
  void lockThatLayElsewhere_counts() throws Exception {
    lock("moved");
    Files.createDirectories(folder.resolve("old"));
    Files.move(folder.resolve("images.lock.yaml"), folder.resolve("old/images.lock.yaml"));
    commit(daysAgo(40));
    Files.delete(folder.resolve("old/images.lock.yaml"));
    lock("now");
    commit(daysAgo(10));
    assertThat(marks().of(digest("moved"))).isPresent();
  }

  @Test
  void shallowClone_andNoRepository_areUnseen() throws Exception {
    lock("a");
    commit(daysAgo(30));
    lock("b");
    commit(daysAgo(10));
    Path clone = folder.resolveSibling(folder.getFileName() + "-clone");
    git(NOW, "clone", "-q", "--depth", "1", "file://" + folder, clone.toString());
    Path file = clone.resolve("images.lock.yaml");
    Marks marks =
        MarkReader.read(file, LockFileCodec.read(file), List.of(), List.of(), TARGET, daysAgo(90));
    assertThat(marks.unseen().getFirst().reason()).contains("shallow");
    Path bare = Files.createDirectory(folder.resolve("none"));
    Files.delete(folder.resolve(".git/HEAD"));
    Path alone = Files.copy(file, bare.resolve("images.lock.yaml"));
    assertThat(
            MarkReader.read(
                    alone, LockFileCodec.read(alone), List.of(), List.of(), TARGET, daysAgo(90))
                .unseen())
        .isNotEmpty();
  }
}
