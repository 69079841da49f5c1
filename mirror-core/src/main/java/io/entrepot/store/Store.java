package io.entrepot.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Content and repositories below one directory that belongs to one process. Each role is an object
 * of its own; {@link Eviction} stands beside.
 */
public final class Store implements AutoCloseable {

  /** Memory for what repositories know, about: a quarter of what there is. */
  private static final long REPOSITORY_BYTES = Runtime.getRuntime().maxMemory() / 4;

  private final StoreDirectory directory;
  private final DiskHealth disk;
  private final FileLook files;
  private final ContentIndex index;
  private final Quarantine quarantine;
  private final Contents contents;
  private final UploadFiles uploads;
  private final Repositories repositories;
  private final Collector collector;
  private final Scrubber scrubber;
  private @Nullable ContentScan scan;

  private Store(StoreDirectory directory, StoreClock clock) {
    this.directory = directory;
    StoreLayout layout = directory.layout();
    this.disk = new DiskHealth(layout);
    this.files = new FileLook(layout, clock);
    this.index = new ContentIndex(clock, files);
    this.quarantine = new Quarantine(layout, disk, clock, Quarantine.MAX_BYTES);
    Publisher publisher = new Publisher(layout, index, disk);
    this.contents = new Contents(layout, index, publisher, quarantine, disk);
    this.uploads = new UploadFiles(layout, publisher, clock);
    this.repositories = new Repositories(layout, contents, disk, clock, REPOSITORY_BYTES);
    this.collector = new Collector(index, contents, repositories, uploads);
    this.scrubber = new Scrubber(index, contents);
  }

  /**
   * Opens or creates a store and takes it for this process. Left-over temporary files are removed;
   * no content is read, and what there is is listed while the store is used already.
   *
   * @throws StoreException LOCKED, FORMAT or IO, with what to do about it
   */
  public static Store open(Path directory) {
    return open(directory, StoreClock.SYSTEM);
  }

  /** Whether a store lies in the directory. Nothing is made. */
  public static boolean isIn(Path directory) {
    return Files.exists(new StoreLayout(directory).version());
  }

  static Store open(Path directory, StoreClock clock) {
    Path root = directory.toAbsolutePath().normalize();
    try {
      StoreDirectory taken = StoreDirectory.take(root);
      boolean opened = false;
      try {
        Store store = new Store(taken, clock);
        store.quarantine.trim();
        store.scan =
            ContentScan.start(
                taken.layout(), store.files, store.index, store.quarantine, store.disk);
        opened = true;
        return store;
      } finally {
        if (!opened) {
          taken.close();
        }
      }
    } catch (IOException e) {
      throw DurableFiles.failure("cannot use the store in " + root, e);
    }
  }

  /** The directory. */
  public Path root() {
    return directory.layout().root();
  }

  /** Files by digest. */
  public Contents contents() {
    return contents;
  }

  /** Which repositories know which content. */
  public Repositories repositories() {
    return repositories;
  }

  /** Uploads that can go on. */
  public UploadFiles uploads() {
    return uploads;
  }

  /** Whether the disk takes what is written. */
  public DiskHealth disk() {
    return disk;
  }

  /** Content whose bytes went bad. */
  public Quarantine quarantine() {
    return quarantine;
  }

  /** Removes what no repository needs. */
  public Collector collector() {
    return collector;
  }

  /** Compares everything with its digest. */
  public Scrubber scrubber() {
    return scrubber;
  }

  ContentIndex index() {
    return index;
  }

  /** Gives the directory back. */
  @Override
  public void close() {
    if (scan != null) {
      scan.close();
    }
    directory.close();
  }
}
