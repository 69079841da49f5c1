package io.entrepot.proxy;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/**
 * Files that are read again when they change. What cannot be used is reported once, and what was
 * read before counts.
 *
 * <p>Reading blocks; {@link #refresh} is called by one thread at a time.
 */
final class WatchedFiles {

  private static final Logger LOG = System.getLogger(WatchedFiles.class.getName());

  /** Bytes of a file; certificates with their chains and long lists of users are far below. */
  private static final int MAX_FILE = 1024 * 1024;

  private final String what;
  private final List<Path> files;
  private List<String> seen;

  /**
   * Notes the files' state; the caller reads them after this, so that a change in between counts.
   *
   * @param what names them in the log, with its article
   */
  WatchedFiles(String what, List<Path> files) {
    this.what = what;
    this.files = List.copyOf(files);
    this.seen = states();
  }

  /**
   * Reads the files if one of them changed.
   *
   * @param reading throws {@link IllegalArgumentException} where they cannot be used
   */
  void refresh(Runnable reading) {
    List<String> states = states();
    if (states.equals(seen)) {
      return;
    }
    seen = states;
    try {
      reading.run();
      LOG.log(Level.INFO, "{0} changed and was read again", what);
    } catch (IllegalArgumentException e) {
      LOG.log(Level.ERROR, "{0} changed; what it was before counts: {1}", what, e.getMessage());
    }
  }

  /** What differs when a file was written, replaced, or is reached by another link. */
  private List<String> states() {
    return files.stream()
        .map(
            file -> {
              try {
                BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
                return "%s %d %s"
                    .formatted(found.lastModifiedTime(), found.size(), found.fileKey());
              } catch (IOException e) {
                return "cannot be read";
              }
            })
        .toList();
  }

  /**
   * A whole file.
   *
   * @param what names it in the message, with its article
   * @throws IllegalArgumentException where it cannot be read or is larger than 1 MiB
   */
  static Buffer read(Path file, String what) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_FILE + 1);
      if (bytes.length > MAX_FILE) {
        throw new IllegalArgumentException(
            "cannot read %s: %s is larger than 1 MiB".formatted(what, file));
      }
      return Buffer.buffer(bytes);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "cannot read %s: %s"
              .formatted(
                  what,
                  e instanceof NoSuchFileException
                      ? e.getMessage() + ": no such file"
                      : String.valueOf(e)),
          e);
    }
  }
}
