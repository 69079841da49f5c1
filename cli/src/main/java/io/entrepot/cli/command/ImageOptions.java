package io.entrepot.cli.command;

import io.entrepot.oci.ImageReference;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** One image to look at, and how what is found is printed. */
final class ImageOptions {

  @SuppressWarnings("NullAway.Init") // set before the command runs
  @Parameters(paramLabel = "REF", description = "The image, for example redis:7.")
  private ImageReference reference;

  @Mixin private final OutputOptions output = new OutputOptions();

  /** The image, by tag {@code latest} where neither tag nor digest is given. */
  ImageReference image() {
    return reference.orLatest();
  }

  boolean json() {
    return output.json();
  }
}
