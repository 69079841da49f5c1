package io.entrepot.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.lock.LockFileCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code lock merge}, called as git calls it. */
class LockCommandTest {

  @TempDir private Path folder;

  private static String lock(String... names) {
    StringBuilder text = new StringBuilder("version: 1\nimages:\n");
    for (String name : names) {
      text.append(
          """
            docker.io/acme/%s:1:
              digest: sha256:%s
              target: r.io/m/%s:1
              platforms: []
          """
              .formatted(name, "1".repeat(64), name));
    }
    return text.toString();
  }

  private Run merge(String base, String ours, String theirs) throws IOException {
    Files.writeString(folder.resolve("base"), base);
    Files.writeString(folder.resolve("ours"), ours);
    Files.writeString(folder.resolve("theirs"), theirs);
    return Run.in(folder, Map.of(), "lock", "merge", "base", "ours", "theirs");
  }

  @Test
  void bothHaveAddedAnImage_oursHoldsBoth() throws IOException {
    Run run = merge(lock("a"), lock("a", "b"), lock("a", "c"));
    assertThat(run.code()).as(run.all()).isZero();
    assertThat(folder.resolve("ours"))
        .hasContent(LockFileCodec.format(LockFileCodec.parse("l", lock("a", "b", "c"))));
    assertThat(folder.resolve("theirs")).hasContent(lock("a", "c"));
  }

  @Test
  void fileThatIsNoLock_isNamed_andOursStays() throws IOException {
    Run run = merge("", lock("a"), "version: 7\nimages: {}\n");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("theirs:1: version: a version this program does not know");
    assertThat(folder.resolve("ours")).hasContent(lock("a"));
  }

  @Test
  void gitTakesItAsAMergeDriver() throws Exception {
    Path driver = folder.resolve("driver");
    Files.writeString(
        driver,
        "#!/bin/sh\nexec '%s' -cp '%s' io.entrepot.cli.Main lock merge \"$@\"\n"
            .formatted(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                System.getProperty("java.class.path")));
    assertThat(driver.toFile().setExecutable(true)).isTrue();
    Path tree = Files.createDirectory(folder.resolve("tree"));
    Path file = tree.resolve("images.lock.yaml");
    git(tree, "init", "--quiet", "--initial-branch=main");
    git(tree, "config", "merge.entrepot-lock.driver", "'" + driver + "' %O %A %B");
    Files.writeString(tree.resolve(".gitattributes"), "images.lock.yaml merge=entrepot-lock\n");
    Files.writeString(file, lock("a"));
    commit(tree);
    git(tree, "checkout", "--quiet", "-b", "other");
    Files.writeString(file, lock("a", "c"));
    commit(tree);
    git(tree, "checkout", "--quiet", "main");
    Files.writeString(file, lock("a", "b"));
    commit(tree);
    git(tree, "merge", "--quiet", "--no-edit", "other");
    assertThat(LockFileCodec.read(file).images()).hasSize(3);
  }

  private static void commit(Path tree) throws Exception {
    git(tree, "add", "--all");
    git(tree, "commit", "--quiet", "--message=a change");
  }

  private static void git(Path tree, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("git", "-c", "user.name=n", "-c", "user.email=n@example.org"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).directory(tree.toFile()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }
}
