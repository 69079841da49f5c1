package io.entrepot.proxy.page;

import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockedImage;
import io.entrepot.lock.LockedSignature;
import io.entrepot.lock.LockedSigner;
import io.entrepot.oci.ImageReference;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a lock file says of a tag.
 *
 * @param digest of the copy, which is that of the original save for assembled lists
 * @param copy by digest, as it is written into files
 * @param firstSeen at its source, or null where no policy asks
 * @param signedBy who vouches for it, as was proved; empty where no policy asks
 * @param platforms that were found to be there
 */
public record LockSays(
    String digest,
    String copy,
    @Nullable Instant firstSeen,
    List<String> signedBy,
    List<String> platforms) {

  /** Copies the lists. */
  public LockSays {
    signedBy = List.copyOf(signedBy);
    platforms = List.copyOf(platforms);
  }

  /** The first file that knows the tag counts, as for pulls. */
  static Optional<LockSays> of(List<LockFile> locks, ImageReference tagged) {
    return locks.stream()
        .flatMap(lock -> Optional.ofNullable(lock.images().get(tagged)).stream())
        .findFirst()
        .map(LockSays::of);
  }

  private static LockSays of(LockedImage image) {
    return new LockSays(
        image.digestAtTarget().toString(),
        image.pinnedTarget().toString(),
        image.trust().firstSeen().orElse(null),
        image.trust().signedBy().stream()
            .map(LockedSignature::signer)
            .map(LockSays::words)
            .distinct()
            .toList(),
        image.platforms().stream().map(Object::toString).toList());
  }

  private static String words(LockedSigner signer) {
    return switch (signer) {
      case LockedSigner.OfKey(var name, _) -> name;
      case LockedSigner.Keyless(var identity, var issuer) -> identity + " (" + issuer + ")";
      case LockedSigner.Notation(var subject, _) -> subject;
    };
  }
}
