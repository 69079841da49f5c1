package io.entrepot.store;

import io.entrepot.oci.Digest;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** What the file system says of one file of the store. */
final class FileLook {

  private static final Logger LOG = System.getLogger(FileLook.class.getName());
  private static final byte[] NOTHING = {};

  private final StoreLayout layout;
  private final StoreClock clock;

  FileLook(StoreLayout layout, StoreClock clock) {
    this.layout = layout;
    this.clock = clock;
  }

  /**
   * Asks for size and time; blocks for as long as that takes.
   *
   * @return null where there is no file, or where it cannot be asked about
   */
  PackedShard.@Nullable Found at(Digest digest) {
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(layout.blob(digest), BasicFileAttributes.class);
      // A time to come would make a file the most recent for ever.
      long lastUsed = Math.min(attributes.lastModifiedTime().toMillis(), clock.wall().millis());
      return new PackedShard.Found(digest, attributes.size(), lastUsed);
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      LOG.log(Level.WARNING, "cannot look at {0}: {1}", digest, e.toString());
      return null;
    }
  }

  /** Whether a file lost all of its bytes, as after a power failure. */
  static boolean isEmptied(PackedShard.Found file) {
    return file.size() == 0 && !file.digest().equals(Digest.of(file.digest().algorithm(), NOTHING));
  }
}
