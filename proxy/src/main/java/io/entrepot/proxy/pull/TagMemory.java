package io.entrepot.proxy.pull;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What upstreams said about tags, and for how long it is believed.
 *
 * <p>A tag whose manifest is not here yet is a promise: it is moved when the manifest comes, unless
 * upstream has said something newer about the tag by then. Safe for any thread.
 */
final class TagMemory {

  private static final int STRIPES = 64;

  /**
   * That a tag need not be asked about.
   *
   * @param until of {@link System#nanoTime()}
   * @param warning why the tag may be out of date, or null
   */
  record Belief(long until, @Nullable String warning) {}

  private record Description(Descriptor descriptor, long until) {}

  private final Cache<TagKey, Belief> beliefs = Caffeine.newBuilder().maximumSize(100_000).build();
  private final Cache<TagKey, Boolean> absent;

  /** Answers to HEAD, for tags whose manifests are not here. */
  private final Cache<TagKey, Description> descriptions =
      Caffeine.newBuilder().maximumSize(100_000).expireAfterWrite(Duration.ofMinutes(10)).build();

  /** The newest answer about each tag. */
  private final Cache<TagKey, Digest> latest =
      Caffeine.newBuilder().maximumSize(100_000).expireAfterWrite(Duration.ofMinutes(10)).build();

  private final Cache<ContentKey, Set<String>> promised =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(Duration.ofMinutes(10)).build();

  private final Object[] stripes = new Object[STRIPES];

  TagMemory(Duration absence) {
    this.absent = Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(absence).build();
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new Object();
    }
  }

  /** What is believed of a tag now, or null. */
  @Nullable Belief belief(TagKey key) {
    Belief belief = beliefs.getIfPresent(key);
    return belief == null || System.nanoTime() - belief.until() >= 0 ? null : belief;
  }

  void believe(TagKey key, Duration time, @Nullable String warning) {
    beliefs.put(key, new Belief(System.nanoTime() + time.toNanos(), warning));
  }

  /** What upstream said to HEAD lately, or null. */
  @Nullable Descriptor description(TagKey key) {
    Description known = descriptions.getIfPresent(key);
    return known == null || System.nanoTime() - known.until() >= 0 ? null : known.descriptor();
  }

  /** Notes what upstream said to HEAD. */
  void described(TagKey key, Descriptor descriptor, Duration time) {
    latest.put(key, descriptor.digest());
    descriptions.put(key, new Description(descriptor, System.nanoTime() + time.toNanos()));
  }

  /** Whether upstream said a moment ago that there is no such tag. */
  boolean isAbsent(TagKey key) {
    return absent.getIfPresent(key) != null;
  }

  /** Notes what the tag is answered with, which is not what upstream said. */
  void given(TagKey key, Digest digest) {
    latest.put(key, digest);
  }

  /** Notes that upstream has no such tag. */
  void gone(TagKey key) {
    latest.invalidate(key);
    descriptions.invalidate(key);
    absent.put(key, true);
  }

  /** Lets the tag be moved when the manifest comes. */
  void promise(TagKey key, Digest digest) {
    latest.put(key, digest);
    promised
        .get(new ContentKey(key.repository(), digest), unused -> ConcurrentHashMap.newKeySet())
        .add(key.tag());
  }

  /** Tags that were promised to mean this content; each is told once. */
  List<TagKey> fulfilled(ContentKey key) {
    Set<String> tags = promised.asMap().remove(key);
    return tags == null
        ? List.of()
        : tags.stream().map(tag -> new TagKey(key.repository(), tag)).toList();
  }

  /**
   * Moves a tag to promised content, if nothing newer was said about the tag; blocks as long as
   * {@code move} does.
   *
   * @return whether it was moved
   */
  boolean moveIfLatest(TagKey key, Digest digest, Runnable move) {
    // Two answers for one tag are written in the order in which they were learned.
    synchronized (stripe(key)) {
      boolean newest = digest.equals(latest.getIfPresent(key));
      if (newest) {
        move.run();
      }
      return newest;
    }
  }

  /** As {@link #moveIfLatest}, for an answer of this moment: nothing known is not newer. */
  boolean moveUnlessNewer(TagKey key, Digest digest, Runnable move) {
    synchronized (stripe(key)) {
      Digest known = latest.getIfPresent(key);
      boolean newest = known == null || known.equals(digest);
      if (newest) {
        move.run();
      }
      return newest;
    }
  }

  private Object stripe(TagKey key) {
    return stripes[(key.hashCode() & Integer.MAX_VALUE) % STRIPES];
  }
}
