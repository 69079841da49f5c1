package io.entrepot.mirror;

import io.entrepot.concurrent.Claims;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which repository of a target's registry gets a blob from the source; the others of that registry
 * take it over from there, so that each distinct blob is read at a source once.
 */
final class BlobLedger {

  private record Key(RegistryName registry, Digest digest) {}

  private final Claims<Key, Repository> claims = new Claims<>();

  /** The part that one image has in it. */
  final class Share {

    private final Repository target;
    private final Set<Key> mine = ConcurrentHashMap.newKeySet();

    private Share(Repository target) {
      this.target = target;
    }

    /** The repository that holds or gets the blob already; nothing where this image brings it. */
    Optional<Repository> claim(Digest digest) {
      Key key = key(digest);
      Optional<Repository> other = claims.claim(key, target);
      if (other.isEmpty()) {
        mine.add(key);
      }
      return other;
    }

    /** Whether this image has claimed it and has not brought it yet. */
    boolean owes(Digest digest) {
      return mine.contains(key(digest));
    }

    /** The target holds it. */
    void arrived(Digest digest) {
      Key key = key(digest);
      if (mine.remove(key)) {
        claims.arrived(key, target);
      }
    }

    /** It did not come; another image that waits for it brings it. */
    void failed(Digest digest) {
      Key key = key(digest);
      if (mine.remove(key)) {
        claims.failed(key);
      }
    }

    /** Waits until another image has brought it; false where that failed. */
    boolean await(Digest digest) {
      return claims.await(key(digest));
    }

    /** What was believed of a blob turned out wrong: it is looked for again. */
    void forget(Digest digest) {
      mine.remove(key(digest));
      claims.failed(key(digest));
    }

    /** The image is done, one way or the other: it brings nothing any more. */
    void close() {
      mine.forEach(claims::failed);
      mine.clear();
    }

    private Key key(Digest digest) {
      return new Key(target.registry(), digest);
    }
  }

  Share of(Repository target) {
    return new Share(target);
  }
}
