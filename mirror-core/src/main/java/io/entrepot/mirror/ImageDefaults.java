package io.entrepot.mirror;

import io.entrepot.oci.Repository;
import io.entrepot.registry.NamingRule;
import java.util.Optional;

/**
 * What a mirror file says of images for which no entry stands.
 *
 * @param target empty where each entry says its own
 * @param image what must hold for an image
 * @param artifact what must hold for a chart
 */
public record ImageDefaults(
    Optional<Repository> target, NamingRule naming, CopyPolicy image, CopyPolicy artifact) {}
