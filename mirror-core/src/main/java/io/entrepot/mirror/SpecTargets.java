package io.entrepot.mirror;

import io.entrepot.mirror.MirrorEntry.Assembly;
import io.entrepot.mirror.MirrorEntry.Compose;
import io.entrepot.mirror.MirrorEntry.ImageCopy;
import io.entrepot.mirror.MirrorEntry.TagSelection;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Where the entries of a mirror file take their sources, and where a target comes from. */
final class SpecTargets {

  private final MirrorSpec spec;
  private final Map<ImageReference, String> names = new HashMap<>();
  private final Map<Repository, Repository> repositories = new HashMap<>();

  SpecTargets(MirrorSpec spec) {
    this.spec = spec;
    for (MirrorEntry entry : spec.entries()) {
      switch (entry) {
        case ImageCopy copy -> {
          names.put(copy.target(), ImageDraft.key(copy.source()).toString());
          repositories.putIfAbsent(copy.target().repository(), copy.source().repository());
        }
        case TagSelection selection ->
            repositories.putIfAbsent(selection.target(), selection.source());
        case Compose compose -> {
          names.put(compose.target(), compose.target().toString());
          repositories.putIfAbsent(compose.target().repository(), compose.target().repository());
        }
        case Assembly assembly -> {
          names.put(assembly.target(), assembly.target().toString());
          repositories.putIfAbsent(
              assembly.target().repository(),
              assembly.parts().firstEntry().getValue().repository());
        }
      }
    }
  }

  /** The copy's name for a key of the lock; nothing where no entry takes that source. */
  Optional<ImageReference> of(ImageReference key) {
    return spec.entries().stream()
        .flatMap(entry -> named(entry, key).stream())
        .findFirst()
        .or(
            () ->
                spec.entries().stream()
                    .flatMap(entry -> selected(entry, key).stream())
                    .findFirst());
  }

  private static Optional<ImageReference> named(MirrorEntry entry, ImageReference key) {
    return switch (entry) {
      case ImageCopy copy ->
          ImageDraft.key(copy.source()).equals(key) ? Optional.of(copy.target()) : Optional.empty();
      case TagSelection selection -> Optional.empty();
      case Compose compose ->
          compose.target().equals(key) ? Optional.of(compose.target()) : Optional.empty();
      case Assembly assembly ->
          assembly.parts().values().stream().anyMatch(part -> ImageDraft.key(part).equals(key))
              ? Optional.of(assembly.target())
              : Optional.empty();
    };
  }

  private static Optional<ImageReference> selected(MirrorEntry entry, ImageReference key) {
    Tag tag = key.tag();
    return entry instanceof TagSelection selection
            && tag != null
            && selection.source().equals(key.repository())
            && TagSelector.matches(tag, selection.filter())
        ? Optional.of(selection.target().tagged(tag))
        : Optional.empty();
  }

  /** The canonical name of what is copied to a target: its source, or the target of a made list. */
  String name(ImageReference target) {
    String name = names.get(target);
    if (name != null) {
      return name;
    }
    Repository source = repositories.getOrDefault(target.repository(), target.repository());
    return new ImageReference(source, target.tag(), target.digest()).toString();
  }
}
