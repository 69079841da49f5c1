package io.entrepot.pin;

import io.entrepot.text.FilePosition;

/**
 * One scalar that changed.
 *
 * @param at its line before the change; the file as it is shown in reports
 * @param path of the site
 * @param image what the site meant before
 * @param old the scalar's text
 * @param replacement its new text
 * @param note what a reader should know, or empty
 */
public record SiteEdit(
    FilePosition at, String path, String image, String old, String replacement, String note) {

  /** The file as it is shown in reports. */
  public String file() {
    return at.file();
  }

  /** In the file before the change, from 1. */
  public int line() {
    return at.line();
  }
}
