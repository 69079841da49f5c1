package io.entrepot.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are whole or not there. */
final class WholeFileTest {

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  @Test
  void file_isReplaced_forItsOwnerOnly_andNothingElseStays() throws IOException {
    Path file = directory.resolve("a/b/file");
    WholeFile.write(file, "one".getBytes(UTF_8));
    WholeFile.write(file, "two".getBytes(UTF_8));
    assertThat(file).hasContent("two");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    try (Stream<Path> files = Files.list(directory.resolve("a/b"))) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void file_hasTheModeThatIsAsked() throws IOException {
    Path file = directory.resolve("file");
    WholeFile.write(file, new byte[1], PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r--r--");
  }

  @Test
  void file_thatCannotBeRenamed_leavesNothingBehind() throws IOException {
    Path taken = directory.resolve("file");
    Files.createDirectories(taken.resolve("inside"));
    assertThatThrownBy(() -> WholeFile.write(taken, new byte[1])).isInstanceOf(IOException.class);
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).containsExactly(taken);
    }
  }
}
