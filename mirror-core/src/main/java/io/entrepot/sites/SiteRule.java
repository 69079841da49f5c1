package io.entrepot.sites;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What {@code pin.yaml} says about places that no convention covers.
 *
 * @param path which places, from the root of their document or of the block scalar that they are in
 * @param holds what is there
 * @param digestIn which field of a map takes the digest, or null to go by its keys
 */
public record SiteRule(SitePattern path, Holds holds, @Nullable DigestField digestIn) {

  /** What a path holds. */
  public enum Holds {
    /** A whole reference, or a map of registry, repository, tag and digest. */
    IMAGE,
    /** A chart's address, {@code oci://…} or without the scheme. */
    CHART,
    /** Nothing to pin. */
    NOTHING;

    /** The word used in configuration files. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Where a map's digest goes. */
  public enum DigestField {
    /** Into {@code tag}, after an {@code @}. */
    TAG,
    /** Into {@code digest}, which is added where the map has none. */
    DIGEST,
    /** Into {@code sha}, without {@code sha256:}, added where the map has none. */
    SHA,
    /** Into {@code repository}, the tag before it, which leaves {@code tag} empty. */
    REPOSITORY,
    /** Nowhere: the chart has no field for it, so the site is reported. */
    NONE;

    /** The word used in configuration files. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Whether the rule is about a place. */
  public boolean matches(SitePath site) {
    return path.matches(site);
  }
}
