package io.entrepot.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.cli.output.Console;
import io.entrepot.cli.output.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A command that ran inside this process: its exit code and what it printed. */
record Run(int code, String out, String err) {

  /** Runs one as it is typed in a directory, which is the user's home as well. */
  static Run in(Path directory, Map<String, String> environment, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console =
        new Console(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), false);
    int code =
        Entrepot.run(
            new Invocation(
                console,
                new Terminal(false, false, environment),
                environment,
                directory,
                directory),
            arguments);
    return new Run(code, out.toString(UTF_8), err.toString(UTF_8));
  }

  JsonNode json() {
    return JsonMapper.shared().readTree(out);
  }

  /** Everything, for messages of assertions. */
  String all() {
    return code + "\n" + out + "\n" + err;
  }
}
