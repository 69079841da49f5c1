package io.entrepot.pin;

import io.entrepot.sites.LeftReason;
import io.entrepot.text.FilePosition;

/**
 * Something that was seen and left.
 *
 * @param at its line; the file as it is shown in reports
 * @param path of the site, or empty where the whole file was left
 * @param image what is written there, as far as it goes
 */
public record Left(FilePosition at, String path, String image, LeftReason kind, String reason) {

  /** A file that is left as a whole, because of what stands at a position. */
  static Left file(FilePosition at, LeftReason kind, String reason) {
    return new Left(at, "", "", kind, reason);
  }

  /** The file as it is shown in reports. */
  public String file() {
    return at.file();
  }

  /** From 1. */
  public int line() {
    return at.line();
  }
}
