package io.entrepot.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A key and its self-signed certificate, made by the JDK's own tool.
 *
 * @param store PKCS12 with the password {@value #PASSWORD}
 * @param certificate the certificate in PEM
 */
public record TestKeys(Path store, Path certificate) {

  /** Of every store. */
  public static final String PASSWORD = "changeit";

  /**
   * Makes them.
   *
   * @param names subject alternative names as keytool writes them: {@code
   *     ip:127.0.0.1,dns:localhost}
   */
  public static TestKeys make(Path directory, String name, String names) throws IOException {
    TestKeys keys =
        new TestKeys(directory.resolve(name + ".p12"), directory.resolve(name + ".pem"));
    String store = keys.store.toString();
    run(
        List.of(
            "-genkeypair",
            "-keyalg",
            "EC",
            "-alias",
            name,
            "-dname",
            "CN=" + name,
            "-ext",
            "san=" + names,
            "-validity",
            "2",
            "-keystore",
            store,
            "-storetype",
            "PKCS12",
            "-storepass",
            PASSWORD));
    run(
        List.of(
            "-exportcert",
            "-rfc",
            "-alias",
            name,
            "-keystore",
            store,
            "-storepass",
            PASSWORD,
            "-file",
            keys.certificate.toString()));
    return keys;
  }

  private static void run(List<String> arguments) throws IOException {
    List<String> command =
        new java.util.ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException("keytool failed: " + output);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
