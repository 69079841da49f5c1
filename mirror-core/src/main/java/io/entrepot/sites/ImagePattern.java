package io.entrepot.sites;

import io.entrepot.oci.ImageReference;
import io.entrepot.text.Glob;

/**
 * A pattern for images: {@code *} stands for any characters. It is held against the repository
 * alone, with its tag, and whole; without a {@code *} it also covers what lies below it.
 */
public final class ImagePattern {

  private final String text;
  private final Glob pattern;

  public ImagePattern(String text) {
    this.text = text;
    this.pattern = Glob.ofName(text);
  }

  public boolean matches(ImageReference image) {
    String repository = image.repository().toString();
    return pattern.matches(repository)
        || matchesText(image.toString())
        || (image.tag() != null && pattern.matches(repository + ":" + image.tag()))
        || repository.startsWith(text + "/");
  }

  public boolean matchesText(String image) {
    return pattern.matches(image);
  }
}
