package io.entrepot.lock;

import io.entrepot.oci.ImageReference;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a mirror run found and copied.
 *
 * @param version of the format; {@value #VERSION} is the only one
 * @param images by source: a canonical reference with a tag or, for a source given by digest, with
 *     that digest; never with both
 */
public record LockFile(int version, SortedMap<ImageReference, LockedImage> images) {

  /** The format that is read and written here. */
  public static final int VERSION = 1;

  /** What the file is called where nobody says otherwise. */
  public static final String USUAL_NAME = "images.lock.yaml";

  public LockFile {
    if (version != VERSION) {
      throw new IllegalArgumentException("not a version of the lock file: " + version);
    }
    images = Collections.unmodifiableSortedMap(new TreeMap<>(images));
    images.keySet().forEach(LockFile::checkKey);
  }

  /** A lock with nothing in it. */
  public static LockFile empty() {
    return new LockFile(VERSION, new TreeMap<>());
  }

  /** A lock of the current version. */
  public static LockFile of(SortedMap<ImageReference, LockedImage> images) {
    return new LockFile(VERSION, images);
  }

  static void checkKey(ImageReference key) {
    if ((key.tag() == null) == (key.digest() == null)) {
      throw new IllegalArgumentException("not a source with either a tag or a digest: " + key);
    }
  }
}
