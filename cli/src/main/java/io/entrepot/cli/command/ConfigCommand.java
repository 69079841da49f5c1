package io.entrepot.cli.command;

import io.entrepot.policy.cluster.ClusterDocument;
import io.entrepot.proxy.ClientConfiguration;
import io.entrepot.proxy.ProxySpec;
import io.entrepot.proxy.ProxySpecReader;
import io.entrepot.proxy.ServedAddress;
import java.nio.file.Path;
import java.util.Optional;

final class ConfigCommand extends EntrepotCommand {

  /** Whose configuration is printed; all but the last are clients of the proxy. */
  enum Subject {
    K3D,
    K3S,
    CONTAINERD,
    PODMAN,
    DOCKER,
    BUILDKIT,
    POLICY
  }

  private final Option<Subject> subject =
      arguments()
          .parameter(
              0,
              Subject.class,
              "CLIENT",
              "One of: k3d, k3s, containerd, podman, docker, buildkit; or policy: what a cluster"
                  + " admits.");

  private final Option<String> address =
      arguments()
          .option(
              "--address",
              String.class,
              "HOST:PORT",
              "Where the client reaches the proxy. Default: the first of names: in proxy.yaml, else"
                  + " host.k3d.internal for k3d and localhost, at the port of listen: or 5000.");

  private final Option<Path> config =
      arguments()
          .file(
              "-c, --config",
              "proxy.yaml: the registries, names, TLS and users that the proxy has. For policy: mirror.yaml,"
                  + " whose copies may run (default: mirror.yaml).");

  private final Option<Path> ca =
      arguments()
          .file(
              "--ca",
              "Where the client has the certificates that prove the proxy's, in PEM. Default: the"
                  + " certificate of proxy.yaml.");

  private final ClusterOptions cluster = new ClusterOptions(arguments());

  ConfigCommand(Invocation invocation) {
    super(
        invocation,
        "Print the client's configuration that routes through the proxy, or, with policy, what a"
            + " cluster admits by policy.yaml and mirror.yaml.",
        "",
        "Examples:",
        "  entrepot config k3d > k3d.yaml && k3d cluster create --config k3d.yaml",
        "  entrepot config containerd > /etc/containerd/certs.d/_default/hosts.toml",
        "  entrepot config policy --kubernetes --enforce --except dev | kubectl apply -f -",
        "  entrepot config policy --kyverno -c mirror.yaml --policy policy.yaml");
  }

  @Override
  ExitCode run(Invocation context) {
    if (subject.value() == Subject.POLICY) {
      if (address.isGiven() || ca.isGiven()) {
        throw new UsageException("--address and --ca are for clients, not for policy");
      }
      ClusterDocument printed = cluster.print(context, Optional.ofNullable(config.orNull()));
      context.console().document(printed.text());
      printed.notes().forEach(context.console()::note);
      return ExitCode.DONE;
    }
    cluster.requireNone();
    ClientConfiguration wanted = ClientConfiguration.valueOf(subject.value().name());
    ProxySpec spec =
        config.isGiven()
            ? ProxySpecReader.load(context.loader(), context.file(config.value()))
            : null;
    ServedAddress served = ClientAddress.of(context, wanted, spec, address.orNull(), ca.orNull());
    context.console().document(wanted.print(served, ClientAddress.registries(spec)));
    wanted.notes(served).forEach(context.console()::note);
    return ExitCode.DONE;
  }
}
