package io.entrepot.cli.command;

import io.entrepot.oci.RegistryName;
import io.entrepot.proxy.ClientConfiguration;
import io.entrepot.proxy.ProxySettings;
import java.nio.file.Path;
import java.util.Collection;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "config",
    description = "Print the client's configuration that routes through the proxy.",
    footer = {
      "",
      "Examples:",
      "  entrepot config k3d > k3d.yaml && k3d cluster create --config k3d.yaml",
      "  entrepot config containerd > /etc/containerd/certs.d/_default/hosts.toml",
    })
final class ConfigCommand extends EntrepotCommand {

  @Parameters(
      paramLabel = "CLIENT",
      description = "One of: k3d, k3s, containerd, podman, docker, buildkit.")
  private ClientConfiguration client = ClientConfiguration.CONTAINERD;

  @Option(
      names = "--address",
      paramLabel = "HOST:PORT",
      description =
          "Where the client reaches the proxy. Default: host.k3d.internal:5000 for k3d, else"
              + " localhost:5000.")
  private @Nullable String address;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "proxy.yaml, for the registries it names.")
  private @Nullable Path config;

  ConfigCommand(Invocation invocation) {
    super(invocation);
  }

  @Override
  ExitCode run(Invocation context) {
    String reached = address;
    if (reached == null) {
      reached = client == ClientConfiguration.K3D ? "host.k3d.internal:5000" : "localhost:5000";
    }
    context.console().document(client.print(reached, registries(context)));
    return ExitCode.DONE;
  }

  private Collection<String> registries(Invocation context) {
    if (config == null) {
      return ProxySettings.USUAL_UPSTREAMS;
    }
    SortedMap<RegistryName, ?> named =
        context.loader().loadProxy(context.file(config)).registries();
    return named == null
        ? ProxySettings.USUAL_UPSTREAMS
        : named.keySet().stream().map(RegistryName::value).toList();
  }
}
