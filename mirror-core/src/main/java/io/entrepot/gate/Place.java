package io.entrepot.gate;

import org.jspecify.annotations.Nullable;

/** A file and a line in it; 0 where the whole file is meant. */
record Place(@Nullable String file, int line) {}
