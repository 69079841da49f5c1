package io.entrepot.sites;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import org.jspecify.annotations.Nullable;

/** What a site means. */
public sealed interface Reading {

  /** An image; tag and digest as written. */
  record Image(ImageReference reference) implements Reading {
    @Override
    public String toString() {
      return reference.toString();
    }
  }

  /**
   * A chart or other artifact.
   *
   * @param version as written, possibly a range; null where none is
   */
  record Chart(Repository repository, @Nullable String version, @Nullable Digest digest)
      implements Reading {
    @Override
    public String toString() {
      return repository
          + (version == null ? "" : ":" + version)
          + (digest == null ? "" : "@" + digest);
    }
  }

  /**
   * A registry of charts; which chart comes from it stands elsewhere.
   *
   * @param address as written, with {@code oci://}
   */
  record ChartRegistry(String address) implements Reading {

    /** Why nothing is written here. */
    public String problem() {
      return "a registry of charts: which chart it is stands in the HelmRelease";
    }

    @Override
    public String toString() {
      return address;
    }
  }

  /**
   * Something that names an image without saying which.
   *
   * @param written what is there, as far as it goes
   */
  record Unclear(LeftReason reason, String message, String written) implements Reading {
    @Override
    public String toString() {
      return written;
    }
  }
}
