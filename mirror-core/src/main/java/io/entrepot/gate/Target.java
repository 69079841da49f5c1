package io.entrepot.gate;

import io.entrepot.oci.Platform;
import io.entrepot.render.RenderEntry;
import java.util.List;

/**
 * One place to which the tree is deployed.
 *
 * @param name such as {@code local}
 * @param platforms of its nodes; every image must have each
 * @param cluster targets with the same cluster share its cluster-scoped objects and nodes; the
 *     target's own name where nothing is said
 * @param render what becomes its objects, without what discovery finds
 */
public record Target(
    String name, List<Platform> platforms, String cluster, List<RenderEntry> render) {

  /** Copies. */
  public Target {
    platforms = List.copyOf(platforms);
    render = List.copyOf(render);
  }
}
