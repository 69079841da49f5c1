package io.entrepot.gate;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What rules judge by.
 *
 * @param cluster everything that was rendered
 * @param lock null where the specification names none
 * @param images what registries, the lock or earlier answers say of the images
 * @param base what was rendered from the revision that the tree is compared with, or null
 * @param policy what the policy decides, or null where there is none
 * @param home the directory that paths of the specification are relative to
 * @param running what clusters run; without lists where none was given
 * @param same tells whether a cluster runs what a file pins
 */
public record Evidence(
    RenderedCluster cluster,
    @Nullable LockView lock,
    ImageInspections images,
    @Nullable RenderedCluster base,
    @Nullable PolicyDecisions policy,
    Path home,
    Running running,
    SameImage same) {

  /** What the check asks. */
  public CheckSpec spec() {
    return cluster.spec();
  }
}
