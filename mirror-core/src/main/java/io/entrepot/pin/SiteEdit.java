package io.entrepot.pin;

/**
 * One scalar that changed.
 *
 * @param line in the file before the change, from 1
 * @param path of the site
 * @param image what the site meant before
 * @param old the scalar's text
 * @param replacement its new text
 * @param note what a reader should know, or empty
 */
public record SiteEdit(
    String file,
    int line,
    String path,
    String image,
    String old,
    String replacement,
    String note) {}
