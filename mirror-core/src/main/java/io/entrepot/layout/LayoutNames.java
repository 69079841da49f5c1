package io.entrepot.layout;

import io.entrepot.oci.ImageReference;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which entry of a layout stands for an image that is named by a tag. */
public interface LayoutNames {

  /** The entry's name; nothing for an entry that has none. */
  Optional<String> of(ImageReference tagged);

  /** Every image under its canonical name. */
  static LayoutNames canonical() {
    return tagged -> Optional.of(tagged.toString());
  }

  /**
   * One image.
   *
   * @param name of its entry; null for a layout that holds one image without a name. Other tags, as
   *     signatures have them, are names as they are.
   */
  static LayoutNames single(ImageReference image, @Nullable String name) {
    return tagged ->
        tagged.equals(image)
            ? Optional.ofNullable(name)
            : Optional.ofNullable(tagged.tag()).map(tag -> tag.value());
  }
}
