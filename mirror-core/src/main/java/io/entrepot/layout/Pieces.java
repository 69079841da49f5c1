package io.entrepot.layout;

import java.io.IOException;

/** Takes content piece by piece, in its order. */
@FunctionalInterface
public interface Pieces {

  /** The next bytes; false ends the reading. */
  boolean take(byte[] bytes, int length) throws IOException;
}
