package io.entrepot.mirror;

import io.entrepot.lock.AwaitedImage;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockedImage;
import io.entrepot.mirror.MirrorEntry.Assembly;
import io.entrepot.mirror.MirrorEntry.Compose;
import io.entrepot.mirror.MirrorEntry.ImageCopy;
import io.entrepot.mirror.MirrorEntry.TagSelection;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which entries of a lock belong to a {@code mirror.yaml}: looked up by their keys, so that a lock
 * of any size is sifted in one pass.
 */
final class LockScope {

  /** The targets that a source is copied to, by its key in the lock. */
  private final Map<ImageReference, Set<ImageReference>> copies = new HashMap<>();

  private final Map<Repository, Set<Repository>> selections = new HashMap<>();
  private final Set<ImageReference> composed = new HashSet<>();

  LockScope(MirrorSpec spec) {
    for (MirrorEntry entry : spec.entries()) {
      switch (entry) {
        case ImageCopy copy -> add(copy.source(), copy.target());
        case TagSelection selection ->
            selections
                .computeIfAbsent(selection.source(), source -> new HashSet<>())
                .add(selection.target());
        case Compose compose -> {
          composed.add(compose.target());
          compose.composition().sources().forEach(source -> add(source, compose.target()));
        }
        case Assembly assembly ->
            assembly.parts().values().forEach(part -> add(part, assembly.target()));
      }
    }
  }

  private void add(ImageReference source, ImageReference target) {
    copies.computeIfAbsent(ImageDraft.key(source), key -> new HashSet<>()).add(target);
  }

  /** The entries of a lock that still belong to the file. */
  LockFile of(LockFile lock) {
    TreeMap<ImageReference, LockedImage> kept = new TreeMap<>(lock.images());
    kept.entrySet().removeIf(each -> !owns(each.getKey(), each.getValue().target()));
    TreeMap<ImageReference, AwaitedImage> awaited = new TreeMap<>(lock.awaited());
    awaited.entrySet().removeIf(each -> !owns(each.getKey(), each.getValue().target()));
    return LockFile.of(kept, awaited);
  }

  /**
   * @param target null where the lock does not say
   */
  private boolean owns(ImageReference key, @Nullable ImageReference target) {
    return composed.contains(key)
        || holds(copies.get(key), target)
        || holds(selections.get(key.repository()), target == null ? null : target.repository());
  }

  private static <T> boolean holds(@Nullable Collection<T> targets, @Nullable T target) {
    return targets != null && (target == null || targets.contains(target));
  }
}
