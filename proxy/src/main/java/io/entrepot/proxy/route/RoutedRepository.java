package io.entrepot.proxy.route;

import io.entrepot.store.RepositoryId;
import org.jspecify.annotations.Nullable;

/**
 * Where a name leads.
 *
 * @param id the repository
 * @param fallback where to look when a local repository does not have it, or null
 * @param namespace the {@code ns} that was followed, to be said in the answer, or null
 */
public record RoutedRepository(
    RepositoryId id, @Nullable RepositoryId fallback, @Nullable String namespace) {}
