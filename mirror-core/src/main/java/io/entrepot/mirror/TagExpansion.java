package io.entrepot.mirror;

import io.entrepot.lock.LockFile;
import io.entrepot.mirror.MirrorEntry.ImageCopy;
import io.entrepot.mirror.MirrorEntry.TagSelection;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Tag;
import io.entrepot.registry.RegistryException;
import java.util.List;
import java.util.Objects;

/** Makes an entry for each tag that a selection selects. */
final class TagExpansion {

  private final MirrorSession session;
  private final LockFile lock;

  TagExpansion(MirrorSession session, LockFile lock) {
    this.session = session;
    this.lock = lock;
  }

  /** The entries of the tags; the selection itself where there are none. */
  List<MirrorEntry> expand(TagSelection selection) {
    List<Tag> tags;
    try {
      tags = session.options().locked() ? locked(selection) : listed(selection);
    } catch (RegistryException e) {
      // The entry is planned as failed, with the registry's word.
      return List.of(selection);
    }
    return tags.isEmpty()
        ? List.of(selection)
        : tags.stream()
            .<MirrorEntry>map(
                tag ->
                    new ImageCopy(
                        selection.source().tagged(tag),
                        selection.target().tagged(tag),
                        selection.policy(),
                        selection.where()))
            .toList();
  }

  private List<Tag> locked(TagSelection selection) {
    return lock.images().keySet().stream()
        .filter(key -> key.repository().equals(selection.source()))
        .map(ImageReference::tag)
        .filter(Objects::nonNull)
        .filter(tag -> TagSelector.matches(tag, selection.filter()))
        .toList();
  }

  private List<Tag> listed(TagSelection selection) {
    return TagSelector.select(
        session.source().tags(selection.source()).await(), selection.filter());
  }

  /** No tag matched, or none could be listed: asked again for the words. */
  PlannedImage nothing(TagSelection selection, ImageDraft draft) {
    if (session.options().locked()) {
      return draft.failed(
          "the lock file holds no matching tag of " + selection.source(),
          "a run from the source, without --locked or --from, locks it");
    }
    List<Tag> tags =
        MirrorException.at(
            Side.SOURCE,
            draft.source(),
            "list tags of " + selection.source(),
            () -> session.source().tags(selection.source()).await());
    return draft.failed(
        TagSelector.nothing(tags, selection.filter()),
        "correct the pattern; 'entrepot tags %s' lists what there is"
            .formatted(selection.source()));
  }
}
