package io.entrepot.proxy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.SequencedSet;

/** What makes a client fetch through this registry: files to be printed, complete and commented. */
public enum ClientConfiguration {
  /** A k3d cluster file. */
  K3D {
    @Override
    public String print(ServedAddress address, Collection<String> registries) {
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
          .formatted(address.port(), K3S.print(address, registries).indent(4));
    }
  },
  /** {@code /etc/rancher/k3s/registries.yaml}. */
  K3S {
    @Override
    public String print(ServedAddress address, Collection<String> registries) {
      StringBuilder text =
          new StringBuilder(
              """
              # /etc/rancher/k3s/registries.yaml on every node; restart k3s after a change.
              # Start k3s with --disable-default-registry-endpoint, on servers and agents alike, where
              # nothing may bypass the proxy.
              """);
      if (!address.tls()) {
        text.append(
            """
            # Plain HTTP by the address alone: a configs: entry with insecure_skip_verify would make
            # k3s try HTTPS first and fail.
            """);
      }
      text.append("mirrors:\n");
      for (String registry : registries) {
        text.append("  \"%s\":\n    endpoint: [\"%s\"]\n".formatted(registry, address.url()));
      }
      // One name of a pushed image that works from the host and from the cluster.
      SequencedSet<String> own = new LinkedHashSet<>();
      own.add("localhost:" + address.port());
      own.add("k3d-entrepot.localhost:" + address.port());
      own.add(address.authority());
      for (String name : own) {
        text.append("  \"%s\":\n    endpoint: [\"%s\"]\n".formatted(name, address.url()));
      }
      return text.append(configs(address)).toString();
    }

    private static String configs(ServedAddress address) {
      if (!address.tls()) {
        return address.login()
            ? "# The proxy wants a login. k3s gives one by configs:, and tries HTTPS then: the proxy"
                + " needs tls: for that.\n"
            : "";
      }
      StringBuilder text =
          new StringBuilder("configs:\n  \"%s\":\n".formatted(address.authority()));
      text.append("    tls: { ca_file: \"%s\" }\n".formatted(address.ca()));
      return text.append(
              address.login() ? "    auth: { username: USER, password: PASSWORD }\n" : "")
          .toString();
    }
  },
  /** {@code hosts.toml}. */
  CONTAINERD {
    @Override
    public String print(ServedAddress address, Collection<String> registries) {
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

              [host."%s"]
                capabilities = ["pull", "resolve"]
              """
                  .formatted(address.url()))
          .append(address.tls() ? "  ca = \"%s\"\n".formatted(address.ca()) : "")
          .append(
              address.login()
                  ? """
                    [host."%s".header]
                      Authorization = "Basic BASE64"    # of USER:PASSWORD
                  """
                      .formatted(address.url())
                  : "")
          .toString();
    }
  },
  /** {@code registries.conf}. */
  PODMAN {
    @Override
    public String print(ServedAddress address, Collection<String> registries) {
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
            %3$s"""
                .formatted(registry, address.authority(), insecure(address)));
      }
      return text.append(
              "\n[[registry]]\nlocation = \"%s\"\n%s"
                  .formatted(address.authority(), insecure(address)))
          .toString();
    }

    private static String insecure(ServedAddress address) {
      return address.tls() ? "" : "insecure = true    # plain HTTP\n";
    }

    @Override
    public List<String> notes(ServedAddress address) {
      List<String> notes = new ArrayList<>();
      if (address.tls()) {
        notes.add(
            "podman trusts it by: cp %s /etc/containers/certs.d/%s/ca.crt"
                .formatted(address.ca(), address.authority()));
      }
      if (address.login()) {
        notes.add("the proxy wants a login: podman login " + address.authority());
      }
      return notes;
    }
  },
  /** {@code daemon.json}. */
  DOCKER {
    @Override
    public String print(ServedAddress address, Collection<String> registries) {
      // JSON has no comments: notes() says the rest.
      return address.tls()
          ? "{\n  \"registry-mirrors\": [\"%s\"]\n}\n".formatted(address.url())
          : """
          {
            "registry-mirrors": ["%1$s"],
            "insecure-registries": ["%2$s"]
          }
          """
              .formatted(address.url(), address.authority());
    }

    @Override
    public List<String> notes(ServedAddress address) {
      List<String> notes = new ArrayList<>();
      notes.add(
          address.hub()
              ? "docker asks a mirror for Docker Hub's images only"
              : "docker asks a mirror for Docker Hub's images only, and does not name the registry:"
                  + " this works once proxy.yaml says defaultUpstream: docker.io");
      notes.add(
          "images of other registries: docker pull %s/ghcr.io/NAME".formatted(address.authority()));
      if (address.tls()) {
        notes.add(
            "docker trusts it by: cp %s /etc/docker/certs.d/%s/ca.crt"
                .formatted(address.ca(), address.authority()));
      }
      if (address.login()) {
        notes.add(
            "docker gives no login to a mirror: with users: only docker login %1$s and docker pull"
                    .formatted(address.authority())
                + " %1$s/docker.io/NAME work".formatted(address.authority()));
      }
      return notes;
    }
  },
  /** {@code buildkitd.toml}. */
  BUILDKIT {
    @Override
    public String print(ServedAddress address, Collection<String> registries) {
      StringBuilder text = new StringBuilder("# /etc/buildkit/buildkitd.toml\n");
      for (String registry : registries) {
        text.append(
            "[registry.\"%1$s\"]\n  mirrors = [\"%2$s/%1$s\"]\n"
                .formatted(registry, address.authority()));
      }
      return text.append("[registry.\"%s\"]\n".formatted(address.authority()))
          .append(address.tls() ? "  ca = [\"%s\"]\n".formatted(address.ca()) : "  http = true\n")
          .toString();
    }

    @Override
    public List<String> notes(ServedAddress address) {
      return address.login()
          ? List.of("the proxy wants a login: docker login " + address.authority())
          : List.of();
    }
  };

  /**
   * The file.
   *
   * @param address where the client reaches this registry
   * @param registries names of the upstreams
   */
  public abstract String print(ServedAddress address, Collection<String> registries);

  /** What to do beside writing the file, a sentence each. */
  public List<String> notes(ServedAddress address) {
    return List.of();
  }

  /** The word on the command line. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
