package io.entrepot.pods;

import java.io.IOException;
import java.io.InputStream;

/**
 * A list of pods that is to be read.
 *
 * @param cluster the name of the cluster
 * @param title how messages name the list
 */
public record PodSource(String cluster, String title, Opening opening) {

  /** Opens the bytes; the reader closes them. */
  @FunctionalInterface
  public interface Opening {

    /** The bytes from their beginning. */
    InputStream open() throws IOException;
  }
}
