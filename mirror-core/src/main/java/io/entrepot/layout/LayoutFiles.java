package io.entrepot.layout;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** The files of a layout, for reading; safe for many threads. */
interface LayoutFiles extends Closeable {

  /** No files. */
  LayoutFiles NONE =
      new LayoutFiles() {
        @Override
        public SortedSet<String> blobs() {
          return new TreeSet<>();
        }

        @Override
        public Optional<Content> open(String name) {
          return Optional.empty();
        }

        @Override
        public void close() {}
      };

  /** The names of all files below {@code blobs/}. */
  SortedSet<String> blobs() throws IOException;

  /**
   * Opens a file; nothing where there is none.
   *
   * @param name its path in the layout, with {@code /}
   * @throws io.entrepot.registry.RegistryException where it is a link or no plain file
   */
  Optional<Content> open(String name) throws IOException;

  /** An open file. */
  interface Content extends Closeable {

    /** Bytes in all. */
    long size();

    /** Reads some bytes from a position; -1 at the end. */
    int read(ByteBuffer target, long position) throws IOException;
  }
}
