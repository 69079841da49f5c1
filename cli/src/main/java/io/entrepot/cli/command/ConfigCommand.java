package io.entrepot.cli.command;

import io.entrepot.oci.RegistryName;
import io.entrepot.proxy.ClientConfiguration;
import io.entrepot.proxy.ProxySettings;
import io.entrepot.proxy.ProxySpecReader;
import java.nio.file.Path;
import java.util.Collection;
import java.util.SortedMap;

final class ConfigCommand extends EntrepotCommand {

  private final Option<ClientConfiguration> client =
      arguments()
          .parameter(
              0,
              ClientConfiguration.class,
              "CLIENT",
              "One of: k3d, k3s, containerd, podman, docker, buildkit.");

  private final Option<String> address =
      arguments()
          .option(
              "--address",
              String.class,
              "HOST:PORT",
              "Where the client reaches the proxy. Default: host.k3d.internal:5000 for k3d, else"
                  + " localhost:5000.");

  private final Option<Path> config =
      arguments().file("-c, --config", "proxy.yaml, for the registries it names.");

  ConfigCommand(Invocation invocation) {
    super(
        invocation,
        "Print the client's configuration that routes through the proxy.",
        "",
        "Examples:",
        "  entrepot config k3d > k3d.yaml && k3d cluster create --config k3d.yaml",
        "  entrepot config containerd > /etc/containerd/certs.d/_default/hosts.toml");
  }

  @Override
  ExitCode run(Invocation context) {
    ClientConfiguration wanted = client.value();
    String usual = wanted == ClientConfiguration.K3D ? "host.k3d.internal:5000" : "localhost:5000";
    context.console().document(wanted.print(address.or(usual), registries(context)));
    return ExitCode.DONE;
  }

  private Collection<String> registries(Invocation context) {
    if (!config.isGiven()) {
      return ProxySettings.USUAL_UPSTREAMS;
    }
    SortedMap<RegistryName, ?> named =
        ProxySpecReader.load(context.loader(), context.file(config.value())).registries();
    return named == null
        ? ProxySettings.USUAL_UPSTREAMS
        : named.keySet().stream().map(RegistryName::value).toList();
  }
}
