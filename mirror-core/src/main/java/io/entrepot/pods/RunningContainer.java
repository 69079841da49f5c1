package io.entrepot.pods;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Tag;
import org.jspecify.annotations.Nullable;

/**
 * A container of a pod that has not finished.
 *
 * @param container its name; an image volume's name where a volume mounts the image
 * @param image as the pod's specification names it
 * @param digest of what the runtime pulled, a list or the manifest of one platform; null where it
 *     does not say
 * @param config of the image, where the runtime names nothing else; null otherwise
 */
public record RunningContainer(
    String cluster,
    String namespace,
    String pod,
    String container,
    ImageReference image,
    @Nullable Digest digest,
    @Nullable Digest config) {

  /** The reference by tag where there is one, else by digest. */
  public ImageReference named() {
    return named(image);
  }

  /** A reference by tag where there is one, else by digest; {@code latest} where it has neither. */
  public static ImageReference named(ImageReference image) {
    Tag tag = image.orLatest().tag();
    return tag == null ? image : image.repository().tagged(tag);
  }

  /** Namespace and name of the pod. */
  public String title() {
    return namespace + "/" + pod;
  }
}
