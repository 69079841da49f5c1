package io.entrepot.verify;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.RawManifest;
import java.io.IOException;
import java.io.InputStream;

/**
 * The content of one repository, by digest. All methods block.
 *
 * <p>Every method throws {@link io.entrepot.registry.RegistryException} when the content cannot be
 * had; {@link io.entrepot.registry.ErrorCode#isAbsence()} tells what is not there from what could
 * not be asked.
 */
public interface ImageContent {

  /** The manifest or index with the descriptor's digest, its bytes verified. */
  RawManifest manifest(Descriptor descriptor);

  /** A small blob, verified, of at most {@code maxBytes}. */
  byte[] blob(Descriptor descriptor, int maxBytes);

  /**
   * Lets {@code reader} read a blob on the calling thread. A reader that returns before the end
   * stops the transfer; memory does not grow with the blob.
   *
   * @throws IOException what the reader threw, or the transfer's failure
   */
  <T> T read(Descriptor descriptor, BlobReader<T> reader) throws IOException;

  /** Reads as much of a blob as it needs. */
  @FunctionalInterface
  interface BlobReader<T> {

    /** The stream holds the raw bytes and need not be closed. */
    T read(InputStream blob) throws IOException;
  }
}
