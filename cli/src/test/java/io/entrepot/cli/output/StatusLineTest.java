package io.entrepot.cli.output;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The line that says how far a command has come. */
final class StatusLineTest {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Console console =
      new Console(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), false);

  @Test
  void terminal_showsTheLine_andNothingOfItStays() throws InterruptedException {
    try (StatusLine line =
        new StatusLine(console, new Terminal(true, false, Map.of("COLUMNS", "80")))) {
      line.step("rendering", 1, 80);
      assertThat(err.toString(UTF_8)).as("short commands show nothing").isEmpty();
      Thread.sleep(600);
      line.step("rendering", 34, 80);
      assertThat(err.toString(UTF_8)).isEqualTo("\r\u001B[Krendering: 34 of 80");
      console.note("a note");
      assertThat(err.toString(UTF_8)).endsWith("\r\u001B[Ka note\n");
      Thread.sleep(110);
      line.step("rendering", 35, 80);
    }
    assertThat(err.toString(UTF_8)).endsWith("rendering: 35 of 80\r\u001B[K");
    assertThat(out.size()).isZero();
  }

  @Test
  void noTerminal_orQuiet_showsNothing() throws InterruptedException {
    StatusLine plain = new StatusLine(console, new Terminal(false, false, Map.of()));
    console.verbosity(true, false);
    StatusLine quiet = new StatusLine(console, new Terminal(true, false, Map.of()));
    Thread.sleep(600);
    plain.step("rendering", 34, 80);
    quiet.step("rendering", 34, 80);
    plain.close();
    quiet.close();
    assertThat(err.size()).isZero();
  }
}
