package io.entrepot.render;

import io.entrepot.render.ToolRun.ToolException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;

/**
 * Runs programs in one directory: never more at once than there are processors, and without a way
 * to the network unless that is asked for. Safe for many threads.
 */
public final class ToolRunner {

  private static final int MAX_MESSAGE = 800;

  /** Nothing listens on the discard port: what needs the network fails at once. */
  private static final String NOWHERE = "http://127.0.0.1:9";

  private static final Map<String, String> OFFLINE =
      Map.of(
          "HTTP_PROXY",
          NOWHERE,
          "HTTPS_PROXY",
          NOWHERE,
          "http_proxy",
          NOWHERE,
          "https_proxy",
          NOWHERE,
          "NO_PROXY",
          "",
          "no_proxy",
          "",
          "GIT_ALLOW_PROTOCOL",
          "file",
          "GIT_TERMINAL_PROMPT",
          "0",
          "HELM_PLUGINS",
          "");

  /** What programs say of the way that leads nowhere. */
  private static final Pattern STOPPED =
      Pattern.compile(
          "(?:proxyconnect tcp: )?dial tcp 127\\.0\\.0\\.1:9: connect: connection refused"
              + "|Failed to connect to 127\\.0\\.0\\.1 port 9[^;]*"
              + "|transport '[a-z+]+' not allowed");

  private final Path directory;
  private final Duration timeout;
  private final boolean online;
  private final Semaphore processes =
      new Semaphore(Math.max(2, Runtime.getRuntime().availableProcessors()));

  /**
   * @param directory where the programs run
   * @param timeout for each run
   * @param online whether they may use the network
   */
  public ToolRunner(Path directory, Duration timeout, boolean online) {
    this.directory = directory;
    this.timeout = timeout;
    this.online = online;
  }

  /**
   * Runs a program to its end.
   *
   * @throws ToolException if there is none, it takes too long or prints too much
   * @throws CancellationException if this thread is interrupted
   */
  ToolRun run(List<String> command) throws ToolException {
    try {
      processes.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (CancellationException) new CancellationException("stopped").initCause(e);
    }
    try {
      return ToolRun.of(command, directory, online ? Map.of() : OFFLINE, timeout);
    } finally {
      processes.release();
    }
  }

  /** Whether a program failed because it was given no way to the network. */
  static boolean isStoppedFetch(String message) {
    return STOPPED.matcher(message).find();
  }

  /** What is said of that: what the program wanted, and not where its way led. */
  static String stoppedFetch(String message) {
    return "it needs something that is not in the tree (%s); vendor it below the tree, or let it be fetched with --online"
        .formatted(STOPPED.matcher(message).replaceAll("not fetched"));
  }

  /** What a program said, without its noise and without this machine's paths. */
  String message(String errors) {
    String tidy =
        withoutAdvice(errors)
            .replace(directory + "/", "")
            .replace(directory.toString(), "the tree");
    return tidy.length() > MAX_MESSAGE ? tidy.substring(0, MAX_MESSAGE) + "…" : tidy;
  }

  /** The lines of an error in one, without warnings and advice. */
  static String withoutAdvice(String errors) {
    List<String> lines =
        errors
            .lines()
            .map(String::strip)
            .filter(
                line ->
                    !line.isEmpty()
                        && !line.startsWith("WARNING")
                        && !line.startsWith("# Warning")
                        && !line.startsWith("Use --debug"))
            .toList();
    return String.join("; ", lines).replaceFirst("^Error: ", "");
  }
}
