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
 * @param awaited the same for images of which nothing is old enough to be copied yet; no key of
 *     {@code images}
 */
public record LockFile(
    int version,
    SortedMap<ImageReference, LockedImage> images,
    SortedMap<ImageReference, AwaitedImage> awaited) {

  /** The format that is read and written here. */
  public static final int VERSION = 1;

  /** What the file is called where nobody says otherwise. */
  public static final String USUAL_NAME = "images.lock.yaml";

  public LockFile {
    if (version != VERSION) {
      throw new IllegalArgumentException("not a version of the lock file: " + version);
    }
    images = Collections.unmodifiableSortedMap(new TreeMap<>(images));
    awaited = Collections.unmodifiableSortedMap(new TreeMap<>(awaited));
    images.keySet().forEach(LockFile::checkKey);
    awaited.keySet().forEach(LockFile::checkKey);
    if (!Collections.disjoint(images.keySet(), awaited.keySet())) {
      throw new IllegalArgumentException("an image that is locked is not awaited too");
    }
  }

  /** A lock with nothing in it. */
  public static LockFile empty() {
    return of(new TreeMap<>());
  }

  /** A lock of the current version in which nothing is awaited. */
  public static LockFile of(SortedMap<ImageReference, LockedImage> images) {
    return of(images, new TreeMap<>());
  }

  /** A lock of the current version. */
  public static LockFile of(
      SortedMap<ImageReference, LockedImage> images,
      SortedMap<ImageReference, AwaitedImage> awaited) {
    return new LockFile(VERSION, images, awaited);
  }

  static void checkKey(ImageReference key) {
    if ((key.tag() == null) == (key.digest() == null)) {
      throw new IllegalArgumentException("not a source with either a tag or a digest: " + key);
    }
  }
}
