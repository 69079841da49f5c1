package io.entrepot.pin;

import io.entrepot.sites.LeftReason;

/**
 * Something that was seen and left.
 *
 * @param line from 1
 * @param image what is written there, as far as it goes
 */
public record Left(
    String file, int line, String path, String image, LeftReason kind, String reason) {}
