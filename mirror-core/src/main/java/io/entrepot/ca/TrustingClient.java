package io.entrepot.ca;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** A client of a registry, and in which files it looks for roots. */
public enum TrustingClient {
  /** Docker's daemon: a folder for each registry. */
  DOCKER("etc/docker") {
    @Override
    List<TrustedFile> files(Path root, String pem, Collection<String> authorities) {
      return folders("etc/docker/certs.d", pem, authorities);
    }
  },
  /** containerd: {@code hosts.toml} of each registry, and of all. */
  CONTAINERD("etc/containerd") {
    @Override
    List<TrustedFile> files(Path root, String pem, Collection<String> authorities) {
      List<TrustedFile> files =
          new ArrayList<>(folders("etc/containerd/certs.d", pem, authorities));
      for (String authority : authorities) {
        String folder = "etc/containerd/certs.d/" + authority;
        String ca = "/" + folder + "/ca.crt";
        files.add(
            new TrustedFile(
                folder + "/hosts.toml",
                present -> TomlEdit.hosts(present, "https://" + authority, ca)));
        String all = "etc/containerd/certs.d/_default/hosts.toml";
        if (Files.isRegularFile(root.resolve(all))) {
          files.add(
              new TrustedFile(
                  all, present -> TomlEdit.host(present.orElse(""), "https://" + authority, ca)));
        }
      }
      return files;
    }
  },
  /** podman, buildah, skopeo, CRI-O: a folder for each registry. */
  PODMAN("etc/containers") {
    @Override
    List<TrustedFile> files(Path root, String pem, Collection<String> authorities) {
      return folders("etc/containers/certs.d", pem, authorities);
    }
  },
  /** k3s: {@code registries.yaml}. */
  K3S("etc/rancher/k3s") {
    @Override
    List<TrustedFile> files(Path root, String pem, Collection<String> authorities) {
      return edited(
          "etc/rancher/k3s", "registries.yaml", pem, authorities, RegistriesYaml::trusting);
    }
  },
  /** BuildKit's daemon: {@code buildkitd.toml}. */
  BUILDKIT("etc/buildkit") {
    @Override
    List<TrustedFile> files(Path root, String pem, Collection<String> authorities) {
      return edited("etc/buildkit", "buildkitd.toml", pem, authorities, TomlEdit::registry);
    }
  },
  /** The system's own roots, which most other programs read. */
  SYSTEM("etc/ssl") {
    @Override
    List<TrustedFile> files(Path root, String pem, Collection<String> authorities) {
      boolean fedora = Files.isDirectory(root.resolve("etc/pki/ca-trust/source/anchors"));
      return List.of(
          new TrustedFile(
              fedora
                  ? "etc/pki/ca-trust/source/anchors/entrepot-local-ca.pem"
                  : "usr/local/share/ca-certificates/entrepot-local-ca.crt",
              _ -> pem));
    }
  };

  private final String folder;

  TrustingClient(String folder) {
    this.folder = folder;
  }

  /**
   * @param root of the file system
   * @param pem the root's certificate
   * @param authorities {@code host:port} of the registry, as clients call it
   */
  abstract List<TrustedFile> files(Path root, String pem, Collection<String> authorities);

  /** Those that are installed below a root. */
  public static List<TrustingClient> installed(Path root) {
    return Arrays.stream(values())
        .filter(client -> Files.isDirectory(root.resolve(client.folder)))
        .toList();
  }

  /** What makes it read the files; empty where it does so by itself. */
  public String afterwards() {
    return switch (this) {
      case DOCKER, PODMAN, CONTAINERD -> "";
      case K3S -> "systemctl restart k3s (or k3s-agent)";
      case BUILDKIT -> "restart buildkitd";
      case SYSTEM ->
          "update-ca-certificates (Fedora and its kin: update-ca-trust), and restart what runs";
    };
  }

  /** The word on the command line. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** How a root is named for a registry in a file that many registries share. */
  private interface Edit {
    String trusting(String text, String authority, String ca);
  }

  private static List<TrustedFile> edited(
      String folder, String file, String pem, Collection<String> authorities, Edit edit) {
    String ca = folder + "/entrepot-ca.pem";
    return List.of(
        new TrustedFile(ca, _ -> pem),
        new TrustedFile(
            folder + "/" + file,
            present -> {
              String text = present.orElse("");
              for (String authority : authorities) {
                text = edit.trusting(text, authority, "/" + ca);
              }
              return text;
            }));
  }

  private static List<TrustedFile> folders(
      String folder, String pem, Collection<String> authorities) {
    return authorities.stream()
        .map(authority -> new TrustedFile(folder + "/" + authority + "/ca.crt", _ -> pem))
        .toList();
  }
}
