package io.entrepot.ca;

import java.util.Optional;

/**
 * A file of a client, and what has to be in it so that the client trusts the root.
 *
 * @param path below the root of the file system, without a leading slash
 */
record TrustedFile(String path, Content content) {

  /** What the file becomes. */
  interface Content {

    /**
     * @param present the file's text; nothing where there is none
     * @return the new text
     * @throws CaException where it cannot be changed without a person; says the lines to write
     */
    String with(Optional<String> present);
  }
}
