package io.entrepot.doctor;

import java.nio.file.Path;
import java.util.Locale;

/** A client whose files are read. */
public enum ExaminedClient {
  /** containerd, as kubelet and nerdctl use it. */
  CONTAINERD {
    @Override
    public Diagnosis examine(Path root, SoughtProxy proxy) {
      return new ContainerdFiles(new NodeFiles(root), proxy).examine();
    }
  },
  /** k3s, which writes containerd's files by itself. */
  K3S {
    @Override
    public Diagnosis examine(Path root, SoughtProxy proxy) {
      return new K3sFiles(new NodeFiles(root), proxy).examine();
    }
  },
  /** podman, buildah, skopeo, CRI-O. */
  PODMAN {
    @Override
    public Diagnosis examine(Path root, SoughtProxy proxy) {
      return new PodmanFiles(new NodeFiles(root), proxy).examine();
    }
  },
  /** Docker's daemon. */
  DOCKER {
    @Override
    public Diagnosis examine(Path root, SoughtProxy proxy) {
      return new DockerFiles(new NodeFiles(root), proxy).examine();
    }
  };

  /**
   * Reads the client's files.
   *
   * @param root of the file system
   * @throws io.entrepot.yaml.ConfigException where a file is there and cannot be read
   */
  public abstract Diagnosis examine(Path root, SoughtProxy proxy);

  /** The word on the command line. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
