package io.entrepot.store;

import io.entrepot.oci.Digest;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Where files lie whose bytes went bad, for people to look at. The newest are kept, up to a limit.
 * Any thread.
 */
public final class Quarantine {

  /** Bytes of files that are kept, unless another limit is given. */
  static final long MAX_BYTES = 1L << 30;

  private static final int MAX_FILES = 1_000;
  private static final Logger LOG = System.getLogger(Quarantine.class.getName());

  private final StoreLayout layout;
  private final DiskHealth disk;
  private final StoreClock clock;
  private final long maxBytes;
  private final AtomicLong corruptions = new AtomicLong();
  private volatile long bytes;

  /**
   * @param maxBytes of files that are kept
   */
  Quarantine(StoreLayout layout, DiskHealth disk, StoreClock clock, long maxBytes) {
    this.layout = layout;
    this.disk = disk;
    this.clock = clock;
    this.maxBytes = maxBytes;
  }

  private record SetAside(Path file, long size, long since) {}

  /** Content found bad or gone, since the start. */
  public long corruptions() {
    return corruptions.get();
  }

  /** Bytes that lie here. */
  public long bytes() {
    return bytes;
  }

  /** Moves the file of a digest here; the caller has forgotten its entry and holds its stripe. */
  void take(Digest digest, String why) {
    corruptions.incrementAndGet();
    Path aside =
        layout
            .quarantine()
            .resolve(
                "%s-%s-%d"
                    .formatted(digest.algorithm().prefix(), digest.hex(), clock.wall().millis()));
    LOG.log(
        Level.ERROR, "{0} is corrupt ({1}); set aside as {2}", digest, why, aside.getFileName());
    try {
      Files.move(layout.blob(digest), aside, StandardCopyOption.ATOMIC_MOVE);
      trim();
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

  /** Removes the oldest until what is left is within the limits, and counts it. */
  synchronized void trim() throws IOException {
    List<SetAside> all = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(layout.quarantine())) {
      for (Path file : files) {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        if (attributes.isRegularFile()) {
          all.add(new SetAside(file, attributes.size(), since(file)));
        }
      }
    }
    all.sort(Comparator.comparingLong(SetAside::since).reversed());
    long kept = 0;
    int count = 0;
    for (SetAside each : all) {
      if (count == MAX_FILES || kept + each.size() > maxBytes) {
        LOG.log(Level.INFO, "{0} was set aside long ago and is removed", each.file().getFileName());
        Files.deleteIfExists(each.file());
      } else {
        kept += each.size();
        count++;
      }
    }
    bytes = kept;
  }

  /** When it was set aside, which its name says; 0 for a file that came here otherwise. */
  private static long since(Path file) {
    String name = file.getFileName().toString();
    String time = name.substring(name.lastIndexOf('-') + 1);
    return time.matches("[0-9]{1,18}") ? Long.parseLong(time) : 0;
  }
}
