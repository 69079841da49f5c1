package io.entrepot.cli.output;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the program's output is connected to.
 *
 * @param interactive whether standard error is a terminal on which lines can be redrawn
 * @param results whether standard output is a terminal
 */
public record Terminal(boolean interactive, boolean results, Map<String, String> environment) {

  private static final int USUAL_WIDTH = 80;
  private static final Pattern SIZE = Pattern.compile("[0-9]+ ([0-9]+)\\s*");

  /** Looks at this process. */
  public static Terminal ofProcess(Map<String, String> environment) {
    boolean capable =
        !environment.getOrDefault("TERM", "").equals("dumb")
            && environment.getOrDefault("CI", "").isEmpty()
            && environment.getOrDefault("GITHUB_ACTIONS", "").isEmpty();
    return new Terminal(capable && isTerminal(2), capable && isTerminal(1), environment);
  }

  /** Whether colours are wanted on standard error, as far as the environment says. */
  public boolean colours() {
    return colours(ColorChoice.AUTO);
  }

  /**
   * Whether colours are wanted on standard error: by the option, else by {@code NO_COLOR}
   * (no-color.org), else by {@code CLICOLOR_FORCE} (bixense.com/clicolors), else where it is a
   * terminal.
   */
  public boolean colours(ColorChoice choice) {
    return colours(choice, interactive);
  }

  /** The same for standard output. */
  public boolean resultColours(ColorChoice choice) {
    return colours(choice, results);
  }

  private boolean colours(ColorChoice choice, boolean terminal) {
    return switch (choice) {
      case ALWAYS -> true;
      case NEVER -> false;
      case AUTO -> {
        if (!environment.getOrDefault("NO_COLOR", "").isEmpty()) {
          yield false;
        }
        String forced = environment.getOrDefault("CLICOLOR_FORCE", "");
        yield terminal || !(forced.isEmpty() || forced.equals("0"));
      }
    };
  }

  /** Columns, asked of the terminal each time: windows are resized. */
  int width() {
    String columns = environment.getOrDefault("COLUMNS", "");
    if (columns.matches("[1-9][0-9]{0,4}")) {
      return Integer.parseInt(columns);
    }
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(Path.of("/dev/tty").toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String answer = new String(stty.getInputStream().readNBytes(64), StandardCharsets.US_ASCII);
      if (!stty.waitFor(1, TimeUnit.SECONDS)) {
        stty.destroyForcibly();
        return USUAL_WIDTH;
      }
      Matcher size = SIZE.matcher(answer);
      int width = size.matches() ? Integer.parseInt(size.group(1)) : 0;
      return width > 0 ? width : USUAL_WIDTH;
    } catch (IOException e) {
      return USUAL_WIDTH;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return USUAL_WIDTH;
    }
  }

  // Java only says whether standard input and output together are a terminal.
  private static boolean isTerminal(int descriptor) {
    Path link = Path.of("/proc/self/fd/" + descriptor);
    if (Files.isSymbolicLink(link)) {
      try {
        String device = Files.readSymbolicLink(link).toString();
        return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty");
      } catch (IOException e) {
        return false;
      }
    }
    return Optional.ofNullable(System.console()).filter(java.io.Console::isTerminal).isPresent();
  }
}
