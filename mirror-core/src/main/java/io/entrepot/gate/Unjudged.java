package io.entrepot.gate;

/**
 * A rule that could not be judged, which is not passing.
 *
 * @param target the target's name
 * @param what the image, file or entry that was not judged
 * @param why and what would make it possible
 */
public record Unjudged(Rule rule, String target, String what, String why) {}
