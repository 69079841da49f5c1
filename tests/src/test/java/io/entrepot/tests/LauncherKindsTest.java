package io.entrepot.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.cli.command.Commands;
import io.entrepot.cli.command.Commands.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * Both launchers know of the commands what the list of commands says. {@code ./format}, which sets
 * {@code format.write}, writes their file instead of complaining.
 */
class LauncherKindsTest {

  private static final Path KINDS =
      Path.of("..").toAbsolutePath().normalize().resolve("distribution/src/launcher/kind.sh");

  @Test
  void kinds_areThoseOfTheListOfCommands() throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add(
        "# Read by both launchers (POSIX sh): which options and which start-up cache a command"
            + " takes, in $kind.");
    lines.add("# Written by ./format from the list of commands.");
    lines.add("kind_of() {");
    lines.add("  case $1 in");
    for (Kind kind : List.of(Kind.SERVE, Kind.MIRROR)) {
      lines.add(
          "    %s) kind=%s ;;".formatted(String.join(" | ", Commands.names(kind)), word(kind)));
    }
    lines.add("    *) kind=%s ;;".formatted(word(Kind.PIN)));
    lines.add("  esac");
    lines.add("}");
    String file = String.join("\n", lines) + "\n";
    if (Boolean.getBoolean("format.write")) {
      Files.writeString(KINDS, file);
    }

    assertThat(Files.readString(KINDS))
        .as("not the list of commands; run ./format")
        .isEqualTo(file);
    assertThat(Commands.names(Kind.PIN)).isNotEmpty();
  }

  private static String word(Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }
}
