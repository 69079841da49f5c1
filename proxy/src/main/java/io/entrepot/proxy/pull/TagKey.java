package io.entrepot.proxy.pull;

import io.entrepot.store.RepositoryId;

/** A tag of a repository. */
public record TagKey(RepositoryId repository, String tag) {}
