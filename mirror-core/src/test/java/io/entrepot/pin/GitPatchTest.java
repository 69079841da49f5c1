package io.entrepot.pin;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.sites.FloatingTags;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Patches, applied by git itself. */
final class GitPatchTest {

  private static final String SOURCE = "docker.io/library/redis:7.2";
  private static final String PINNED = Locks.MIRROR + "/redis:7.2@" + Locks.digest(SOURCE);

  /** Files as people have them, each with one image. */
  private static final Map<String, String> FILES =
      Map.of(
          "a.yaml", "image: redis:7.2\n",
          "sub/dir/no newline.yaml", "one: 1\nimage: redis:7.2",
          "sub/dir/crlf.yaml", "one: 1\r\nimage: redis:7.2\r\nlast: 2\r\n",
          "sub/bom.yaml", "\uFEFFimage: redis:7.2\n",
          "sub/größe.yaml", "image: redis:7.2 # größer\n",
          "sub/quo\"te.yaml", "image: redis:7.2\n");

  @TempDir Path tree = Path.of("");

  @BeforeEach
  void files() throws IOException {
    for (Map.Entry<String, String> file : FILES.entrySet()) {
      Path path = tree.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
    }
  }

  @Test
  void patchOfATree_appliesFromItsTop() throws Exception {
    git(tree, "init", "-q");
    apply(tree, tree, List.of(tree));
    assertPinned(FILES.keySet().stream().toList());
  }

  @Test
  void patchOfAFolder_appliesInTheFolderAndAtTheTop() throws Exception {
    git(tree, "init", "-q");
    Path folder = tree.resolve("sub/dir");
    apply(folder, folder, List.of(folder));
    assertPinned(List.of("sub/dir/crlf.yaml", "sub/dir/no newline.yaml"));
    apply(tree, folder, List.of(tree.resolve("sub")));
    assertPinned(FILES.keySet().stream().filter(name -> name.startsWith("sub/")).toList());
  }

  @Test
  void patchOutsideOfGit_appliesWhereItWasMade() throws Exception {
    apply(tree, tree, List.of(tree));
    assertPinned(FILES.keySet().stream().toList());
  }

  private void apply(Path in, Path madeIn, List<Path> named) throws Exception {
    PinSource source =
        new LockSource(Locks.of(Map.of(SOURCE, Locks.MIRROR + "/redis:7.2")), FloatingTags.DEFAULT);
    PinPlan plan = new Pinner(PinRules.DEFAULT, source).plan(named, List.of());
    Path patch = tree.resolve("change.patch");
    Files.writeString(patch, GitPatch.of(plan, madeIn));
    git(in, "apply", patch.toString());
  }

  private static void git(Path directory, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("git", "-c", "core.autocrlf=false"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().put("GIT_CEILING_DIRECTORIES", "/tmp");
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  private void assertPinned(List<String> names) throws IOException {
    assertThat(names).isNotEmpty();
    for (String name : names) {
      assertThat(Files.readString(tree.resolve(name)))
          .as(name)
          .isEqualTo(String.valueOf(FILES.get(name)).replace("redis:7.2", PINNED));
    }
  }
}
