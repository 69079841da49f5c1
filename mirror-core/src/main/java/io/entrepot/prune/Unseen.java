package io.entrepot.prune;

/** Something that could not be read, so that nothing may be removed. */
public record Unseen(String what, String reason) {}
