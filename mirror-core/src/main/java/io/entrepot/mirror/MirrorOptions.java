package io.entrepot.mirror;

import io.entrepot.text.Glob;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a run is done.
 *
 * @param jobs images copied at once, 1 or more
 * @param blobs blobs transferred at once in the whole run, 1 or more
 * @param only a glob over sources and targets, or null for all entries; {@code *} stands for any
 *     characters, {@code ?} for one
 * @param check compares digests only: neither children nor referrers are looked at
 * @param locked copies the lock's digests; no tag is resolved at a source
 * @param detail the plan tells every step, its bytes and pulls; costs requests, but no pull of a
 *     quota
 * @param recheck looks at every child manifest and blob of the target again, also where the lock
 *     vouches for it
 * @param policy what may run; empty where nobody says
 * @param lists what former runs have read of lists; empty where nothing is kept
 */
public record MirrorOptions(
    int jobs,
    int blobs,
    @Nullable String only,
    boolean check,
    boolean locked,
    boolean detail,
    boolean recheck,
    Optional<RunPolicy> policy,
    Optional<ListMemory> lists) {

  /** Sixteen images and 32 blobs at once, all entries. */
  public static final MirrorOptions DEFAULTS =
      new MirrorOptions(
          16, 32, null, false, false, false, false, Optional.empty(), Optional.empty());

  /** Checks the ranges. */
  public MirrorOptions {
    if (jobs < 1 || blobs < 1) {
      throw new IllegalArgumentException("at least one image and one blob at once");
    }
  }

  /** So many images at once; blobs follow, two for each image. */
  public MirrorOptions withJobs(int wanted) {
    return new MirrorOptions(
        wanted, Math.max(4, 2 * wanted), only, check, locked, detail, recheck, policy, lists);
  }

  /** Only the images whose source or target matches. */
  public MirrorOptions withOnly(String glob) {
    return new MirrorOptions(jobs, blobs, glob, check, locked, detail, recheck, policy, lists);
  }

  /** Digests are compared, nothing more. */
  public MirrorOptions checking() {
    return new MirrorOptions(jobs, blobs, only, true, locked, detail, recheck, policy, lists);
  }

  /** The lock's digests. */
  public MirrorOptions fromLock() {
    return new MirrorOptions(jobs, blobs, only, check, true, detail, recheck, policy, lists);
  }

  /** A plan with all its steps. */
  public MirrorOptions detailed() {
    return new MirrorOptions(jobs, blobs, only, check, locked, true, recheck, policy, lists);
  }

  /** Everything at the target is looked at again. */
  public MirrorOptions rechecking() {
    return new MirrorOptions(jobs, blobs, only, check, locked, detail, true, policy, lists);
  }

  /** What the policy does not admit is not copied. */
  public MirrorOptions under(RunPolicy rules) {
    return new MirrorOptions(
        jobs, blobs, only, check, locked, detail, recheck, Optional.of(rules), lists);
  }

  /** What former runs have read of lists is not read again. */
  public MirrorOptions remembering(ListMemory known) {
    return new MirrorOptions(
        jobs, blobs, only, check, locked, detail, recheck, policy, Optional.of(known));
  }

  boolean admits(String... names) {
    if (only == null) {
      return true;
    }
    Glob pattern = Glob.ofName(only);
    for (String name : names) {
      // People write "library/redis:7" for what is canonically docker.io/library/redis:7.
      String withoutRegistry =
          name.startsWith("docker.io/") ? name.substring("docker.io/".length()) : name;
      String withoutLibrary =
          withoutRegistry.startsWith("library/")
              ? withoutRegistry.substring("library/".length())
              : withoutRegistry;
      if (pattern.matches(name)
          || pattern.matches(withoutRegistry)
          || pattern.matches(withoutLibrary)) {
        return true;
      }
    }
    return false;
  }
}
