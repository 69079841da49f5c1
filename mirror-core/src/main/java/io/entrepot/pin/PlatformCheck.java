package io.entrepot.pin;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import java.util.Optional;

/** Whether an image is really there for the platforms that must run it. */
@FunctionalInterface
public interface PlatformCheck {

  /** What is wrong with the image, or nothing. */
  Optional<String> problem(ImageReference reference, Digest digest);
}
