package io.entrepot.mirror;

import io.entrepot.concurrent.Parallel;
import io.entrepot.mirror.BlobCopier.Order;
import io.entrepot.mirror.ImageTree.Node;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Index;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Repository;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/** Brings trees of manifests and blobs to the target of one image, and counts what moved. */
final class Transfer {

  private final MirrorSession session;
  private final PlannedImage image;
  private final MirrorListener listener;
  private final LongAdder copied = new LongAdder();
  private final LongAdder mounted = new LongAdder();
  private final LongAdder skipped = new LongAdder();
  private final AtomicBoolean moved = new AtomicBoolean();

  Transfer(MirrorSession session, PlannedImage image, MirrorListener listener) {
    this.session = session;
    this.image = image;
    this.listener = listener;
  }

  /** Whether anything was brought to the target. */
  boolean moved() {
    return moved.get();
  }

  ImageResult.Bytes bytes() {
    return new ImageResult.Bytes(copied.sum(), mounted.sum(), skipped.sum());
  }

  /**
   * The blobs of those manifests which the target lacks, or of all.
   *
   * <p>A manifest that the target holds vouches for its blobs: nobody puts a manifest before them,
   * and registries that check refuse it.
   */
  void blobs(ImageTree tree, Repository target, boolean ofAll) {
    List<ImageTree.Blob> blobs = tree.blobs(ofAll);
    listener.expected(image, blobs.stream().mapToLong(blob -> blob.descriptor().size()).sum());
    Parallel.map(
        blobs,
        blob -> {
          Descriptor descriptor = blob.descriptor();
          Order order =
              new Order(
                  image.source(),
                  descriptor,
                  blob.source(),
                  target,
                  tree.config(descriptor.digest()),
                  bytes -> listener.transferred(image, bytes));
          switch (session.blobs().copy(order)) {
            case PRESENT -> {
              skipped.add(descriptor.size());
              listener.transferred(image, descriptor.size());
            }
            case MOUNTED -> {
              mounted.add(descriptor.size());
              moved.set(true);
              listener.transferred(image, descriptor.size());
            }
            case UPLOADED -> {
              copied.add(descriptor.size());
              moved.set(true);
            }
          }
          return descriptor;
        });
  }

  /** Manifests by digest: images and artifacts at once, lists after what they name. */
  void manifests(ImageTree tree, Repository target, boolean withRoot, boolean all) {
    List<Node> leaves = new ArrayList<>();
    List<Node> lists = new ArrayList<>();
    for (Node node : tree.childrenFirst()) {
      if ((node.atTarget() && !all) || (node.equals(tree.root()) && !withRoot)) {
        continue;
      }
      (node.parsed() instanceof Index ? lists : leaves).add(node);
    }
    Parallel.map(leaves, node -> put(target.at(node.raw().digest()), node.raw()));
    lists.forEach(node -> put(target.at(node.raw().digest()), node.raw()));
  }

  /** Puts bytes under a tag or digest. */
  boolean put(ImageReference name, RawManifest manifest) {
    try {
      client().pushManifest(name, manifest).await();
      moved.set(true);
      return true;
    } catch (RegistryException e) {
      throw MirrorException.of(Side.TARGET, image.source(), "put manifest " + name, e);
    }
  }

  private RegistryClient client() {
    return session.client();
  }
}
