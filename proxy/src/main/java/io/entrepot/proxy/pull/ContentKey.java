package io.entrepot.proxy.pull;

import io.entrepot.oci.Digest;
import io.entrepot.store.RepositoryId;

/** Content of a repository. */
public record ContentKey(RepositoryId repository, Digest digest) {}
