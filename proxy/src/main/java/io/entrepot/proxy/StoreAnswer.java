package io.entrepot.proxy;

import io.entrepot.oci.Digest;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** What became of a {@link StoreRequest}. */
public sealed interface StoreAnswer {

  /**
   * The server before the store.
   *
   * @param url {@code http://host:port}
   */
  record Address(String url) implements StoreAnswer {}

  /** The tags of a store. */
  record Images(List<Image> images) implements StoreAnswer {
    public Images {
      images = List.copyOf(images);
    }
  }

  /**
   * A tag.
   *
   * @param local whether it was pushed here
   */
  record Image(String repository, String tag, Digest digest, boolean local) {}

  /**
   * How much a store holds.
   *
   * @param bytes of all contents
   * @param contents the number of blobs and manifests
   * @param maxSize the bound in bytes; null where no server holds the store
   */
  record Use(long bytes, long contents, @Nullable Long maxSize) implements StoreAnswer {}

  /**
   * What was removed.
   *
   * @param removed as the request names it
   * @param absent the last one that is not in the store; null if all are
   */
  record Removed(List<String> removed, @Nullable String absent) implements StoreAnswer {
    public Removed {
      removed = List.copyOf(removed);
    }
  }

  /**
   * A collection of garbage.
   *
   * @param freed bytes
   * @param bytes of all contents that are left
   */
  record Collected(long freed, long bytes) implements StoreAnswer {}

  /**
   * A comparison of contents with their digests.
   *
   * @param corrupt contents that were set aside
   * @param verified the number of contents that were read
   */
  record Verified(List<Digest> corrupt, long verified) implements StoreAnswer {
    public Verified {
      corrupt = List.copyOf(corrupt);
    }
  }

  /** What was taken out of a layout. */
  record Imported(List<String> images) implements StoreAnswer {
    public Imported {
      images = List.copyOf(images);
    }
  }

  /**
   * What was written into a layout.
   *
   * @param absent what the store does not hold, or holds in part
   */
  record Written(List<String> images, List<String> absent) implements StoreAnswer {
    public Written {
      images = List.copyOf(images);
      absent = List.copyOf(absent);
    }
  }

  /** What a run of a mirror left. */
  record Mirrored(ObjectNode left) implements StoreAnswer {}

  /** The request could not be met. */
  record Failed(String error) implements StoreAnswer {}
}
