package io.entrepot.store;

import io.entrepot.oci.Digest;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.atomic.AtomicLong;

/** Where files lie whose bytes went bad, for people to look at. Any thread. */
public final class Quarantine {

  private static final Logger LOG = System.getLogger(Quarantine.class.getName());

  private final StoreLayout layout;
  private final DiskHealth disk;
  private final AtomicLong corruptions = new AtomicLong();

  Quarantine(StoreLayout layout, DiskHealth disk) {
    this.layout = layout;
    this.disk = disk;
  }

  /** Content found bad or gone, since the start. */
  public long corruptions() {
    return corruptions.get();
  }

  /** Moves the file of a digest here; the caller has forgotten its entry and holds its stripe. */
  void take(Digest digest, String why) {
    corruptions.incrementAndGet();
    Path aside =
        layout
            .quarantine()
            .resolve(
                "%s-%s-%d"
                    .formatted(
                        digest.algorithm().prefix(), digest.hex(), System.currentTimeMillis()));
    LOG.log(
        Level.ERROR, "{0} is corrupt ({1}); set aside as {2}", digest, why, aside.getFileName());
    try {
      Files.move(layout.blob(digest), aside, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException e) {
      LOG.log(Level.DEBUG, "{0} went away", digest);
    } catch (IOException e) {
      throw disk.failed("cannot set " + digest + " aside", e);
    }
  }

  /** Counts a file that is not where it was. */
  void vanished(Digest digest) {
    corruptions.incrementAndGet();
    LOG.log(Level.ERROR, "{0} has vanished from the store", digest);
  }
}
