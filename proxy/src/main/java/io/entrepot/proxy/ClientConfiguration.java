package io.entrepot.proxy;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.SequencedSet;

/** What makes a client fetch through this registry: files to be printed, complete and commented. */
public enum ClientConfiguration {
  /** A k3d cluster file. */
  K3D {
    @Override
    public String print(String address, Collection<String> registries) {
      return """
      # k3d cluster create --config k3d.yaml
      # Every image comes through Entrepot. It must listen where the cluster's network reaches it:
      # listen: 0.0.0.0:%1$s and users: or anonymous: true in proxy.yaml.
      # Push from the host to localhost:%1$s/NAME; manifests may say localhost:%1$s/NAME or
      # k3d-entrepot.localhost:%1$s/NAME, both lead here.
      apiVersion: k3d.io/v1alpha5
      kind: Simple
      metadata:
        name: entrepot
      servers: 1
      options:
        k3s:
          extraArgs:
            # Without it k3s falls back to the registries themselves when the mirror says no. It is
            # each node's own: agents added to this file are told as well.
            - arg: --disable-default-registry-endpoint
              nodeFilters: ["server:*", "agent:*"]
      registries:
        config: |
      %2$s\
      """
          .formatted(port(address), K3S.print(address, registries).indent(4));
    }
  },
  /** {@code /etc/rancher/k3s/registries.yaml}. */
  K3S {
    @Override
    public String print(String address, Collection<String> registries) {
      StringBuilder text =
          new StringBuilder(
              """
              # /etc/rancher/k3s/registries.yaml on every node; restart k3s after a change.
              # Start k3s with --disable-default-registry-endpoint, on servers and agents alike, where
              # nothing may bypass the proxy.
              # Plain HTTP by the address alone: a configs: entry with insecure_skip_verify would make
              # k3s try HTTPS first and fail.
              mirrors:
              """);
      for (String registry : registries) {
        text.append("  \"%s\":\n    endpoint: [\"http://%s\"]\n".formatted(registry, address));
      }
      // One name of a pushed image that works from the host and from the cluster.
      SequencedSet<String> own = new LinkedHashSet<>();
      own.add("localhost:" + port(address));
      own.add("k3d-entrepot.localhost:" + port(address));
      own.add(address);
      for (String name : own) {
        text.append("  \"%s\":\n    endpoint: [\"http://%s\"]\n".formatted(name, address));
      }
      return text.toString();
    }
  },
  /** {@code hosts.toml}. */
  CONTAINERD {
    @Override
    public String print(String address, Collection<String> registries) {
      StringBuilder text =
          new StringBuilder(
              """
              # containerd 1.7 or later, config.toml: config_path = "/etc/containerd/certs.d"
              # One file for all registries: /etc/containerd/certs.d/_default/hosts.toml
              # containerd says with ns= whose image it wants. Known here:
              """);
      registries.forEach(registry -> text.append("#   ").append(registry).append('\n'));
      return text.append(
              """

              [host."http://%s"]
                capabilities = ["pull", "resolve"]
              """
                  .formatted(address))
          .toString();
    }
  },
  /** {@code registries.conf}. */
  PODMAN {
    @Override
    public String print(String address, Collection<String> registries) {
      StringBuilder text =
          new StringBuilder(
              """
              # /etc/containers/registries.conf.d/50-entrepot.conf (podman, buildah, skopeo, CRI-O)
              """);
      for (String registry : registries) {
        text.append(
            """

            [[registry]]
            location = "%1$s"
            [[registry.mirror]]
            location = "%2$s/%1$s"
            insecure = true    # plain HTTP
            """
                .formatted(registry, address));
      }
      return text.append("\n[[registry]]\nlocation = \"%s\"\ninsecure = true\n".formatted(address))
          .toString();
    }
  },
  /** {@code daemon.json}. */
  DOCKER {
    @Override
    public String print(String address, Collection<String> registries) {
      // JSON has no comments, so what is to be said stands in the command's help.
      return """
      {
        "registry-mirrors": ["http://%1$s"],
        "insecure-registries": ["%1$s"]
      }
      """
          .formatted(address);
    }
  },
  /** {@code buildkitd.toml}. */
  BUILDKIT {
    @Override
    public String print(String address, Collection<String> registries) {
      StringBuilder text = new StringBuilder("# /etc/buildkit/buildkitd.toml\n");
      for (String registry : registries) {
        text.append(
            "[registry.\"%1$s\"]\n  mirrors = [\"%2$s/%1$s\"]\n".formatted(registry, address));
      }
      return text.append("[registry.\"%s\"]\n  http = true\n".formatted(address)).toString();
    }
  };

  /**
   * The file.
   *
   * @param address {@code host:port} by which the client reaches this registry
   * @param registries names of the upstreams
   */
  public abstract String print(String address, Collection<String> registries);

  /** The word on the command line. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static String port(String address) {
    return address.substring(address.lastIndexOf(':') + 1);
  }
}
