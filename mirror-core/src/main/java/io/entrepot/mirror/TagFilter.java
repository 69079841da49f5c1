package io.entrepot.mirror;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which tags of a repository are wanted.
 *
 * @param semver versions in this range, or null for any tag
 * @param match tags in which this is found, or null
 * @param newest at most so many, highest versions first; 0 for all
 */
public record TagFilter(@Nullable SemverRange semver, @Nullable Pattern match, int newest) {}
