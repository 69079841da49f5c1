package io.entrepot.sites;

import io.entrepot.yaml.ScalarSite;
import org.jspecify.annotations.Nullable;

/**
 * Something that was looked at and is no site.
 *
 * @param line in the file, from 1
 * @param why a sentence without its full stop
 * @param about the scalar; the dismissal does not count if an earlier format took it. Null for a
 *     map
 */
public record Dismissal(int line, SitePath path, String why, @Nullable ScalarSite about) {}
