package io.entrepot.proxy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What clients may hold.
 *
 * @param idle how long a connection stays on which nothing moves
 * @param head how long the first request of a connection may take to say what it wants
 * @param connections open at a time; more are closed at once
 */
record ConnectionLimits(Duration idle, Duration head, int connections) {

  private static final int MOST = 10_000;
  private static final Pattern OPEN_FILES =
      Pattern.compile("^Max open files +([0-9]{1,9}) ", Pattern.MULTILINE);

  /** Ten thousand connections, or half of the files that this process may open. */
  static ConnectionLimits usual() {
    return new ConnectionLimits(Duration.ofMinutes(5), Duration.ofSeconds(30), halfOfTheFiles());
  }

  private static int halfOfTheFiles() {
    try {
      Matcher limit = OPEN_FILES.matcher(Files.readString(Path.of("/proc/self/limits")));
      return limit.find() ? Math.clamp(Long.parseLong(limit.group(1)) / 2, 16, MOST) : MOST;
    } catch (IOException e) {
      // Not every system has it.
      return MOST;
    }
  }

  /** The same with another patience. */
  ConnectionLimits waiting(Duration otherIdle, Duration otherHead) {
    return new ConnectionLimits(otherIdle, otherHead, connections);
  }

  /** The same for fewer or more clients. */
  ConnectionLimits upTo(int otherConnections) {
    return new ConnectionLimits(idle, head, otherConnections);
  }
}
