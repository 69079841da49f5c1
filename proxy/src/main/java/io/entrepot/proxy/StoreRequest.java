package io.entrepot.proxy;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** A piece of work on a store. */
public sealed interface StoreRequest {

  /** Where the server that holds the store is reached. */
  record Address() implements StoreRequest {}

  /** Every tag of every repository. */
  record ListImages() implements StoreRequest {}

  /** How much the store holds. */
  record MeasureUse() implements StoreRequest {}

  /**
   * Removes tags, manifests or repositories.
   *
   * @param images {@code REPOSITORY[:TAG|@DIGEST]}, as a list of images prints them
   */
  record Remove(List<String> images) implements StoreRequest {
    public Remove {
      images = List.copyOf(images);
    }
  }

  /** Removes contents that nothing refers to. */
  record CollectGarbage() implements StoreRequest {}

  /**
   * Takes everything of an image layout.
   *
   * @param layout {@code oci:DIR} or {@code oci-archive:FILE}, absolute
   */
  record Import(String layout) implements StoreRequest {}

  /**
   * Writes images into an image layout.
   *
   * @param layout as for {@link Import}
   * @param images {@code REPOSITORY[:TAG]}; empty for all
   */
  record Export(String layout, List<String> images) implements StoreRequest {
    public Export {
      images = List.copyOf(images);
    }
  }

  /**
   * Runs a mirror in the server.
   *
   * @param plan what the command line hands over; only who runs it reads it
   */
  record Mirror(ObjectNode plan) implements StoreRequest {}

  /** Reads all contents and compares them with their digests. */
  record VerifyContents() implements StoreRequest {}
}
