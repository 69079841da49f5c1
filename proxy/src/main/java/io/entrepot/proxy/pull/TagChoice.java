package io.entrepot.proxy.pull;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Tag;
import io.entrepot.store.RepositoryId;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** Says which of the digests that a tag has had it is answered with. */
@FunctionalInterface
public interface TagChoice {

  /**
   * The digest to give; fails where none may be given.
   *
   * @param offered what upstream says now
   * @param held what the tag means here, or null
   */
  Future<Digest> choose(RepositoryId id, Tag tag, Descriptor offered, @Nullable Digest held);
}
