package io.entrepot.cli.command;

import io.entrepot.oci.ImageReference;

/** One image to look at, and how what is found is printed. */
final class ImageOptions {

  private final Option<ImageReference> reference;
  private final OutputOptions output;

  ImageOptions(Arguments arguments) {
    reference =
        arguments.parameter(0, ImageReference.class, "REF", "The image, for example redis:7.");
    output = new OutputOptions(arguments);
  }

  /** The image, by tag {@code latest} where neither tag nor digest is given. */
  ImageReference image() {
    return reference.value().orLatest();
  }

  boolean json() {
    return output.json();
  }
}
