package io.entrepot.cli.command;

import io.entrepot.mirror.MirrorSpecReader;
import io.entrepot.notify.Notifier;
import io.entrepot.notify.Sink;
import io.entrepot.proxy.ProxySpec;
import io.entrepot.proxy.ProxySpecReader;
import io.entrepot.yaml.YamlDocument;
import io.entrepot.yaml.YamlValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** {@code entrepot notify test}. */
final class NotifyCommand extends EntrepotCommand {

  enum Action {
    TEST
  }

  private final Option<Action> action = arguments().parameter(0, Action.class, "ACTION", "test.");

  private final Option<Path> config =
      arguments()
          .file(
              "-c, --config",
              "proxy.yaml or mirror.yaml, whose notify: is meant (default: the one that is here).");

  NotifyCommand(Invocation invocation) {
    super(
        invocation,
        "Send one message to each sink of notify:, and say which one did not take it.",
        "",
        "Examples:",
        "  entrepot notify test                      of proxy.yaml, else of mirror.yaml",
        "  entrepot notify test -c mirror.yaml",
        "",
        "Exit codes: 0 every sink has it; 1 a sink has not; 2 usage or configuration.");
  }

  @Override
  ExitCode run(Invocation context) {
    return switch (action.value()) {
      case TEST -> test(context);
    };
  }

  private ExitCode test(Invocation context) {
    Path file = file(context);
    List<Sink> sinks;
    String publicUrl = "";
    YamlValue root = YamlDocument.read(file).root();
    if (root.has("images") || root.has("charts")) {
      sinks = MirrorSpecReader.load(context.loader(), file).sinks();
    } else {
      ProxySpec spec = ProxySpecReader.load(context.loader(), file);
      sinks = spec.sinks();
      publicUrl = spec.publicUrl() == null ? "" : spec.publicUrl().toString();
    }
    if (sinks.isEmpty()) {
      throw new UsageException("%s has no notify:".formatted(file));
    }
    boolean all = true;
    for (Notifier.Delivery delivery : Notifications.test(context, sinks, publicUrl)) {
      if (delivery.problem().isEmpty()) {
        context.console().result(delivery.sink() + ": told");
      } else {
        all = false;
        context.console().error(delivery.sink() + ": not told: " + delivery.problem());
      }
    }
    return all ? ExitCode.DONE : ExitCode.FAILED;
  }

  private Path file(Invocation context) {
    if (config.isGiven()) {
      return context.file(config.value());
    }
    for (String name : List.of("proxy.yaml", "mirror.yaml")) {
      Path file = context.file(Path.of(name));
      if (Files.exists(file)) {
        return file;
      }
    }
    throw new UsageException("there is no proxy.yaml and no mirror.yaml here; name one with -c");
  }
}
