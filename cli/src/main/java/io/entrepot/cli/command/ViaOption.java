package io.entrepot.cli.command;

import io.entrepot.proxy.RemoteMirror;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The server in whose process a mirror runs. */
final class ViaOption {

  private final Option<String> via;

  ViaOption(Arguments arguments) {
    via =
        arguments.option(
            "--via",
            String.class,
            "SOCKET",
            "Run in the warm process of entrepot serve, by the control.sock in its cache directory;"
                + " lock and report are written here.");
  }

  boolean isGiven() {
    return via.isGiven();
  }

  /** Has the server run a command line; gives what it said and what it made. */
  ObjectNode run(Invocation context, List<String> arguments) {
    String server = via.value();
    if (server.contains("://")) {
      throw new UsageException(
          "--via takes the socket of a server on this machine, control.sock in its cache directory; an address is not taken: "
              + server);
    }
    ObjectNode plan = JsonMapper.shared().createObjectNode();
    arguments.forEach(plan.putArray("arguments")::add);
    plan.put("directory", context.directory().toAbsolutePath().toString());
    plan.put("home", context.home().toAbsolutePath().toString());
    plan.put("terminal", context.terminal().results());
    context.environment().forEach(plan.putObject("environment")::put);
    return RemoteMirror.run(context.file(Path.of(server)), plan);
  }
}
