package io.entrepot.tests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The program, run as its own process in a folder of its own. */
record Entrepot(Path folder, Map<String, String> environment, String heap) {

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  static Entrepot in(Path folder) {
    return new Entrepot(folder, Map.of(), "160m");
  }

  Entrepot withHeap(String size) {
    return new Entrepot(folder, environment, size);
  }

  Entrepot with(String name, String value) {
    Map<String, String> more = new java.util.HashMap<>(environment);
    more.put(name, value);
    return new Entrepot(folder, more, heap);
  }

  /** What a run left behind. */
  record Outcome(int exit, String out, String err) {

    JsonNode json() {
      return MAPPER.readTree(out);
    }

    String all() {
      return "exit " + exit + "\n--- out\n" + out + "\n--- err\n" + err;
    }
  }

  Outcome run(String... arguments) throws IOException, InterruptedException {
    Process process = start(arguments);
    if (!process.waitFor(120, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("still running after two minutes: " + List.of(arguments));
    }
    return new Outcome(
        process.exitValue(),
        Files.readString(outFile(), UTF_8),
        Files.readString(errFile(), UTF_8));
  }

  /** The command line that starts the program, without arguments. */
  static List<String> command() {
    return command("160m");
  }

  private static List<String> command(String heap) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx" + heap,
        "-XX:MaxDirectMemorySize=64m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-cp",
        System.getProperty("java.class.path"),
        "io.entrepot.cli.Main");
  }

  Process start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(command(heap));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(outFile().toFile())
            .redirectError(errFile().toFile());
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.startsWith("GITHUB_") || name.endsWith("_PROXY"));
    builder.environment().put("HOME", folder.toString());
    builder.environment().putAll(environment);
    return builder.start();
  }

  Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  String read(String name) throws IOException {
    return Files.readString(folder.resolve(name));
  }

  private Path outFile() {
    return folder.resolve(".out");
  }

  private Path errFile() {
    return folder.resolve(".err");
  }
}
