package io.entrepot.mirror;

import io.entrepot.mirror.PlannedImage.Assembled;
import io.entrepot.mirror.PlannedImage.Made;
import io.entrepot.mirror.PlannedImage.Origin;
import io.entrepot.mirror.PlannedImage.Pinned;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Repository;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** One image at its turn: what is known of it by now, for planner and runner alike. */
final class ImageWork implements AutoCloseable {

  private static final Comparator<Digest> BY_TEXT = Comparator.comparing(Digest::toString);

  private final PlannedImage image;
  private final PullAllotment pulls;
  private final BlobLedger.Share blobs;
  private final ManifestSpace space;
  private final ImageTree tree;
  private volatile boolean silent;
  private final Set<Digest> leftOut = ConcurrentHashMap.newKeySet();
  private final Set<Digest> asked = ConcurrentHashMap.newKeySet();
  private final Map<Digest, RawManifest> lists = new ConcurrentHashMap<>();
  private final Map<Digest, String> left = new ConcurrentSkipListMap<>(BY_TEXT);
  private final List<String> notes = new CopyOnWriteArrayList<>();

  /** For an image with an origin. */
  ImageWork(MirrorSession session, PlannedImage image, PullAllotment pulls, BlobLedger ledger) {
    this.image = image;
    this.pulls = pulls;
    this.blobs = ledger.of(image.target().repository());
    this.space = new ManifestSpace(session.space());
    this.tree = tree(session, image, pulls, space);
  }

  /**
   * The target is asked first where pulls are counted, and where it may well hold some of the
   * manifests: it held a former version, or this very one.
   */
  private static ImageTree tree(
      MirrorSession session, PlannedImage image, PullAllotment pulls, ManifestSpace space) {
    boolean askTarget =
        image.former() != null
            || session.options().recheck()
            || session.budget().counts(image.source().registry());
    Origin origin = Objects.requireNonNull(image.origin());
    Repository source =
        switch (origin) {
          case Pinned pinned -> pinned.reference().repository();
          case Made made -> made.base();
          case Assembled assembled ->
              assembled.parts().firstEntry().getValue().reference().repository();
        };
    ImageTree tree =
        new ImageTree(
            session, image.source(), source, image.target().repository(), askTarget, pulls, space);
    if (origin instanceof Made made) {
      tree.seed(made.image().index());
      made.image()
          .manifests()
          .forEach(
              manifest -> {
                tree.seed(manifest);
                tree.foundIn(manifest.digest(), made.base());
              });
      // Read for verification as if they lay at a source.
      made.image().blobs().forEach((digest, bytes) -> session.config(digest, () -> bytes));
    }
    if (origin instanceof Assembled assembled) {
      tree.seed(assembled.index());
      assembled
          .parts()
          .values()
          .forEach(part -> tree.foundIn(part.entry().digest(), part.reference().repository()));
    }
    return tree;
  }

  PlannedImage image() {
    return image;
  }

  /** The bytes of a blob that is made here, or null. */
  byte @Nullable [] made(Digest blob) {
    return image.origin() instanceof Made made ? made.image().blobs().get(blob) : null;
  }

  PullAllotment pulls() {
    return pulls;
  }

  BlobLedger.Share blobs() {
    return blobs;
  }

  ImageTree tree() {
    return tree;
  }

  /** The memory that its manifests take, those of what is attached included. */
  ManifestSpace space() {
    return space;
  }

  Repository target() {
    return image.target().repository();
  }

  Descriptor root() {
    return switch (Objects.requireNonNull(image.origin())) {
      case Pinned pinned -> pinned.root();
      case Made made -> made.image().index().descriptor();
      case Assembled assembled -> assembled.index().descriptor();
    };
  }

  /** What the image comes from, each by its name in the lock and with what that means. */
  Map<ImageReference, Descriptor> sources() {
    return switch (Objects.requireNonNull(image.origin())) {
      case Pinned pinned -> Map.of(image.source(), pinned.root());
      case Made made -> made.roots();
      case Assembled assembled -> {
        Map<ImageReference, Descriptor> roots = new TreeMap<>();
        assembled
            .parts()
            .values()
            .forEach(part -> roots.put(ImageDraft.key(part.reference()), part.root()));
        yield roots;
      }
    };
  }

  /** True once for a digest, so that what is attached to it is looked for once. */
  boolean asksReferrersOf(Digest subject) {
    return asked.add(subject);
  }

  /** Everything that was found out about attachments is found out again. */
  void forgetReferrers() {
    asked.clear();
    leftOut.clear();
    left.clear();
  }

  /** What is odd but stops nothing. */
  void note(String text) {
    notes.add(text);
  }

  List<String> notes() {
    return List.copyOf(notes);
  }

  /**
   * An attachment does not travel.
   *
   * @param failed false where it is gone at the source, so that nothing is left to bring
   */
  void leave(Digest attachment, String reason, boolean failed) {
    leftOut.add(attachment);
    if (failed) {
      left.put(attachment, reason);
    } else {
      note(reason);
    }
  }

  /** Whether the source fell silent over an attachment: no other one is waited for. */
  boolean isSilent() {
    return silent;
  }

  void fellSilent(MirrorException failure) {
    silent |= failure.isSilence();
  }

  /** Whether an attachment did not travel. */
  boolean isLeft(Digest attachment) {
    return leftOut.contains(attachment);
  }

  /** Why attachments that are at the source are not at the target. */
  Map<Digest, String> left() {
    return left;
  }

  /** A list of referrers that was read at the source. */
  void keep(RawManifest list) {
    lists.put(list.digest(), list);
  }

  /** A list that was kept. */
  RawManifest list(Digest digest) {
    RawManifest list = lists.get(digest);
    if (list == null) {
      throw new IllegalStateException("not read: " + digest);
    }
    return list;
  }

  /** What it has claimed and not brought is free for others. */
  @Override
  public void close() {
    blobs.close();
    space.close();
  }
}
