package io.entrepot.gate;

import io.entrepot.oci.ImageReference;
import java.util.regex.Pattern;

/**
 * A pattern for images: {@code *} stands for any characters. It is held against the repository
 * alone, with its tag, and whole; without a {@code *} it also covers what lies below it.
 */
final class ImagePattern {

  private final String text;
  private final Pattern pattern;

  ImagePattern(String text) {
    this.text = text;
    this.pattern = wildcard(text);
  }

  /** A pattern in which {@code *} stands for any characters and {@code ?} for one. */
  static Pattern wildcard(String text) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      regex.append(
          switch (c) {
            case '*' -> ".*";
            case '?' -> ".";
            default -> Pattern.quote(String.valueOf(c));
          });
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL);
  }

  boolean matches(ImageReference image) {
    String repository = image.repository().toString();
    return pattern.matcher(repository).matches()
        || matchesText(image.toString())
        || (image.tag() != null && pattern.matcher(repository + ":" + image.tag()).matches())
        || repository.startsWith(text + "/");
  }

  boolean matchesText(String image) {
    return pattern.matcher(image).matches();
  }
}
