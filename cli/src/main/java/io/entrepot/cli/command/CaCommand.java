package io.entrepot.cli.command;

import io.entrepot.ca.ClientTrust;
import io.entrepot.ca.LocalAuthority;
import io.entrepot.ca.TrustingClient;
import io.entrepot.cli.output.CaOutput;
import io.entrepot.proxy.ProxySpecReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** {@code entrepot ca}: a certificate authority of this machine, and who trusts it. */
final class CaCommand extends EntrepotCommand {

  enum Action {
    INIT,
    ISSUE,
    TRUST,
    EXPORT
  }

  private final Option<Action> action =
      arguments().parameter(0, Action.class, "ACTION", "init, issue, trust or export.");

  private final Option<List<String>> names =
      arguments()
          .parameters(
              1,
              0,
              String.class,
              "NAME",
              "For issue: names and addresses. For trust: docker, containerd, podman, k3s, buildkit,"
                  + " system; default: those that are installed.");

  private final Option<Path> directory =
      arguments()
          .option(
              "--dir",
              Path.class,
              "DIR",
              "Where the CA lies (default: ~/.local/share/entrepot/ca, or below XDG_DATA_HOME).");

  private final Option<List<String>> permit =
      arguments()
          .options(
              "--permit",
              String.class,
              "NAME|NETWORK",
              "For init: what the CA may vouch for beside local names, as registry.example.org or"
                  + " 203.0.113.0/24. May be repeated.");

  private final Option<Path> out =
      arguments()
          .option("--out", Path.class, "DIR", "For issue: where cert.pem and key.pem are written.");

  private final Option<Path> config =
      arguments()
          .file(
              "-c, --config",
              "For trust: proxy.yaml, whose names and port the clients use (default: localhost and"
                  + " host.k3d.internal at port 5000).");

  private final Option<Path> root =
      arguments()
          .option(
              "--root",
              Path.class,
              "DIR",
              "For trust: the file system whose clients are meant, such as a node's image (default: /).");

  private final Flag dryRun =
      arguments().flag("--dry-run", "For trust: say what would be written, and write nothing.");

  private final Flag undo =
      arguments()
          .flag(
              "--undo",
              "For trust: take it back; every file is what it was before, byte for byte.");

  private final OutputOptions output = new OutputOptions(arguments());

  CaCommand(Invocation invocation) {
    super(
        invocation,
        "Keep a certificate authority of this machine that may vouch for local names only, and make"
            + " clients trust it. serve --tls auto uses it.",
        "",
        "Examples:",
        "  entrepot ca init                                 the root; serve --tls auto makes it as well",
        "  sudo entrepot ca trust --dir ~/.local/share/entrepot/ca docker containerd",
        "  entrepot ca trust --dry-run                      what would be written, for whom",
        "  sudo entrepot ca trust --undo                    as if it had never been",
        "  entrepot ca issue registry.internal --out tls/   a certificate for another server",
        "  entrepot ca export > entrepot-ca.pem             the root, to be copied to nodes");
  }

  @Override
  ExitCode run(Invocation context) throws IOException {
    Path authority =
        directory.isGiven() ? context.file(directory.value()) : LocalTls.directory(context);
    return switch (action.value()) {
      case INIT -> init(context, authority);
      case ISSUE -> issue(context, authority);
      case TRUST -> trust(context, authority);
      case EXPORT -> {
        LocalAuthority.open(authority);
        context.console().document(Files.readString(authority.resolve(LocalAuthority.ROOT)));
        yield ExitCode.DONE;
      }
    };
  }

  private ExitCode init(Invocation context, Path authority) {
    LocalAuthority.init(authority, permit.or(List.of()), Instant.now());
    context.console().result(authority.resolve(LocalAuthority.ROOT).toString());
    context
        .console()
        .note("clients trust it after: entrepot ca trust (as root, with --dir " + authority + ")");
    return ExitCode.DONE;
  }

  private ExitCode issue(Invocation context, Path authority) {
    if (!out.isGiven() || names.or(List.of()).isEmpty()) {
      throw new UsageException("ca issue takes the names of a server and --out DIR");
    }
    Path into = context.file(out.value());
    LocalAuthority.open(authority).issue(names.value(), into, Instant.now());
    context.console().result(into.resolve("cert.pem").toString());
    context.console().result(into.resolve("key.pem").toString());
    return ExitCode.DONE;
  }

  private ExitCode trust(Invocation context, Path authority) throws IOException {
    Path system = root.isGiven() ? context.file(root.value()) : Path.of("/");
    List<TrustingClient> clients = names.or(List.of()).stream().map(CaCommand::client).toList();
    ClientTrust trust = new ClientTrust(authority, system);
    List<ClientTrust.Change> changes;
    if (undo.isSet()) {
      changes = trust.undo(clients, dryRun.isSet());
    } else {
      LocalAuthority.open(authority);
      List<TrustingClient> wanted = clients.isEmpty() ? TrustingClient.installed(system) : clients;
      if (wanted.isEmpty()) {
        throw new UsageException("no client is installed below %s; name one".formatted(system));
      }
      changes =
          trust.trust(
              wanted,
              Files.readString(authority.resolve(LocalAuthority.ROOT)),
              authorities(context),
              dryRun.isSet());
      clients = wanted;
    }
    CaOutput.print(context.console(), output.json(), changes, dryRun.isSet());
    if (changes.stream().anyMatch(each -> each.kind() == ClientTrust.Change.Kind.LEFT)) {
      return ExitCode.FAILED;
    }
    if (!dryRun.isSet()) {
      clients.stream()
          .filter(client -> !client.afterwards().isEmpty())
          .forEach(
              client ->
                  context
                      .console()
                      .note("%s then needs: %s".formatted(client.word(), client.afterwards())));
    }
    return ExitCode.DONE;
  }

  /** How clients call the registry, as {@code host:port}. */
  private Set<String> authorities(Invocation context) {
    return ClientAddress.authorities(
        config.isGiven()
            ? ProxySpecReader.load(context.loader(), context.file(config.value()))
            : null);
  }

  private static TrustingClient client(String word) {
    return Arrays.stream(TrustingClient.values())
        .filter(client -> client.word().equals(word.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageException(
                    "no such client: '%s' (known are %s)"
                        .formatted(
                            word,
                            Arrays.stream(TrustingClient.values())
                                .map(TrustingClient::word)
                                .collect(Collectors.joining(", ")))));
  }
}
