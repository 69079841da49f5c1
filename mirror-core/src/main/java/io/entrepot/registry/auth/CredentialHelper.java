package io.entrepot.registry.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A program {@code docker-credential-NAME}. Its protocol, as docker's own helpers speak it: {@code
 * get} as the argument, the server's address on standard input, and either JSON with {@code
 * Username} and {@code Secret} on standard output and exit code 0, or a sentence and another code.
 *
 * <p>What a helper writes may be a secret, so no message quotes it.
 *
 * @param patience how long it may take; one that waits for a person who is not there is ended
 */
record CredentialHelper(Path program, Map<String, String> environment, Duration patience) {

  /** Long enough for one that asks a cloud for a token. */
  static final Duration PATIENCE = Duration.ofSeconds(30);

  /** A token of a cloud has some kilobytes. */
  private static final int MAX_ANSWER = 64 * 1024;

  /** The sentence that means "not here"; any other is a failure. */
  private static final String NOTHING = "credentials not found in native keychain";

  /** What stands in place of a user's name where the secret is an identity token. */
  private static final String TOKEN = "<token>";

  /**
   * What the helper holds for a server; empty when it holds nothing.
   *
   * @throws IOException when it cannot be started or does not keep to the protocol; the message
   *     says which, as the end of a sentence that begins with the helper
   */
  Optional<Credentials> find(String server) throws IOException {
    Process process = start();
    try {
      FutureTask<byte[]> answer =
          new FutureTask<>(() -> process.getInputStream().readNBytes(MAX_ANSWER + 1));
      Thread.ofVirtual().name("credential-helper").start(answer);
      tell(process, server);
      byte[] said = answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (said.length > MAX_ANSWER) {
        throw new IOException("it answered with more than 64 KiB");
      }
      if (!process.waitFor(patience)) {
        throw new TimeoutException();
      }
      return read(process.exitValue(), new String(said, UTF_8));
    } catch (TimeoutException silent) {
      throw new IOException("it gave no answer within %d s".formatted(patience.toSeconds()));
    } catch (ExecutionException failure) {
      throw new IOException("its answer cannot be read", failure.getCause());
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IOException("the wait for its answer was interrupted");
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private Process start() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(program.toString(), "get").redirectError(Redirect.DISCARD);
    builder.environment().putAll(environment);
    try {
      return builder.start();
    } catch (IOException failure) {
      throw new IOException("it cannot be started", failure);
    }
  }

  private static void tell(Process process, String server) {
    try (OutputStream in = process.getOutputStream()) {
      in.write(server.getBytes(UTF_8));
    } catch (IOException deaf) {
      // It may know its answer without reading; what it says decides.
    }
  }

  private static Optional<Credentials> read(int code, String said) throws IOException {
    if (code != 0) {
      if (said.contains(NOTHING)) {
        return Optional.empty();
      }
      throw new IOException("it gave no credentials (exit code %d)".formatted(code));
    }
    JsonNode answer;
    try {
      answer = JsonMapper.shared().readTree(said);
    } catch (JacksonException malformed) {
      throw new IOException("its answer is not JSON");
    }
    JsonNode username = answer.path("Username");
    JsonNode secret = answer.path("Secret");
    if (!username.isString() || !secret.isString()) {
      throw new IOException("its answer lacks Username or Secret");
    }
    return Optional.of(
        username.stringValue().equals(TOKEN)
            ? Credentials.identityToken(secret.stringValue())
            : Credentials.basic(username.stringValue(), secret.stringValue()));
  }
}
