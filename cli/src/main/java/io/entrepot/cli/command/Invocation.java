package io.entrepot.cli.command;

import io.entrepot.cli.output.Console;
import io.entrepot.cli.output.Terminal;
import io.entrepot.config.SpecLoader;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a command is given besides its options.
 *
 * @param environment the variables of the process
 * @param directory where relative paths start
 * @param home the user's home directory
 */
public record Invocation(
    Console console,
    Terminal terminal,
    Map<String, String> environment,
    Path directory,
    Path home) {

  /** A loader of files that takes this invocation's variables. */
  SpecLoader loader() {
    return new SpecLoader(environment::get, console::warn);
  }

  /** Whether this is a job of GitHub Actions. */
  boolean inGithubActions() {
    return "true".equals(environment.get("GITHUB_ACTIONS"));
  }

  /** Where this user's programs keep what can be had again. */
  Path caches() {
    String given = environment.getOrDefault("XDG_CACHE_HOME", "");
    return given.isEmpty() ? home.resolve(".cache") : directory.resolve(given);
  }

  /** A file named on the command line. */
  Path file(Path given) {
    // Messages name a file as the user did.
    return directory.equals(Path.of("").toAbsolutePath()) ? given : directory.resolve(given);
  }
}
