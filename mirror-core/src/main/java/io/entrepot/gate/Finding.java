package io.entrepot.gate;

import org.jspecify.annotations.Nullable;

/**
 * Something the gate refuses.
 *
 * @param target the target's name
 * @param file relative to the root where it lies below it, or null where no file can be named
 * @param line from 1; 0 where the whole file is meant or there is none
 * @param object null where no object is concerned
 * @param image the canonical reference where it can be read, else what is written; null where no
 *     image is concerned
 * @param message what is wrong, in one sentence
 * @param remedy what to do about it here
 */
public record Finding(
    Rule rule,
    String target,
    @Nullable String file,
    int line,
    @Nullable ObjectName object,
    @Nullable String image,
    String message,
    String remedy) {}
