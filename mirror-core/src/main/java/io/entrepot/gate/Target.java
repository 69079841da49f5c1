package io.entrepot.gate;

import io.entrepot.oci.Platform;
import io.entrepot.render.RenderTarget;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One place to which the tree is deployed.
 *
 * @param name such as {@code local}
 * @param platforms of its nodes; every image must have each
 * @param cluster targets with the same cluster share its cluster-scoped objects and nodes; the
 *     target's own name where nothing is said
 * @param kubernetes the version that charts are told of it, or null where nothing is said
 * @param render what becomes its objects, without what discovery finds
 * @param nodes what its nodes are; empty where nothing is said
 * @param storage {@link #LOCAL_PATH}, or null where nothing is said
 * @param selfContained whether it must render from this tree alone
 */
public record Target(
    String name,
    List<Platform> platforms,
    String cluster,
    @Nullable String kubernetes,
    List<RenderTarget.Entry> render,
    List<NodePool> nodes,
    @Nullable String storage,
    boolean selfContained) {

  /** Volumes are directories of a node that belong to root: Rancher's local-path provisioner. */
  public static final String LOCAL_PATH = "local-path";

  /** A target of which nothing but its name is said: amd64 and arm64, a cluster of its own. */
  public static Target usual(String name, List<RenderTarget.Entry> render) {
    return new Target(
        name,
        List.of(Platform.parse("linux/amd64"), Platform.parse("linux/arm64")),
        name,
        null,
        render,
        List.of(),
        null,
        false);
  }

  /** Copies. */
  public Target {
    platforms = List.copyOf(platforms);
    render = List.copyOf(render);
    nodes = List.copyOf(nodes);
  }
}
