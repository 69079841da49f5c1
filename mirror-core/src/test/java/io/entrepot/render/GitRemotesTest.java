package io.entrepot.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GitRemotesTest {

  private static final String CONFIG =
      """
      [core]
      \turl = https://not.example.org/x
      [remote "origin"]
      \turl = https://git.example.org/acme/gitops.git
      \tfetch = +refs/heads/*:refs/remotes/origin/*
      [branch "main"]
      \tremote = origin
      [remote "fork"]
      \turl = git@git.example.org:me/gitops.git
      """;

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  @Test
  void remotes_areReadFromTheWorkingTreeAbove() {
    new TestTree(directory).file(".git/config", CONFIG).file("clusters/dev/a.yaml", "a: 1\n");
    assertThat(GitRemotes.of(directory.resolve("clusters/dev")))
        .containsExactlyInAnyOrder(
            "https://git.example.org/acme/gitops.git", "git@git.example.org:me/gitops.git");
  }

  @Test
  void linkedWorkingTree_hasTheRemotesOfItsRepository() {
    new TestTree(directory)
        .file("main/.git/config", CONFIG)
        .file("main/.git/worktrees/x/commondir", "../..\n")
        .file("x/.git", "gitdir: " + directory.resolve("main/.git/worktrees/x") + "\n");
    assertThat(GitRemotes.of(directory.resolve("x"))).hasSize(2);
  }

  @Test
  void treeWithoutGit_hasNone() throws Exception {
    assertThat(GitRemotes.of(Files.createDirectories(directory.resolve("plain")))).isEmpty();
    new TestTree(directory).file("broken/.git", "gitdir: nowhere\n");
    assertThat(GitRemotes.of(directory.resolve("broken"))).isEmpty();
  }
}
