package io.entrepot.gate;

import io.entrepot.text.FilePosition;
import org.jspecify.annotations.Nullable;

/**
 * A finding that is accepted. What is null is not asked; what is given must all agree.
 *
 * @param image a pattern for the canonical reference; {@code *} stands for any characters
 * @param target a target's name
 * @param object a pattern for {@code Kind/name} or {@code Kind/namespace/name}
 * @param file a pattern for the file, {@code *} within a directory, {@code **} across
 * @param position where it is written
 */
public record Waiver(
    Rule rule,
    @Nullable String image,
    @Nullable String target,
    @Nullable String object,
    @Nullable String file,
    String reason,
    FilePosition position) {}
