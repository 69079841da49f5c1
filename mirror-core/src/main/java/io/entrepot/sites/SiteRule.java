package io.entrepot.sites;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What {@code pin.yaml} says about places that no convention covers.
 *
 * @param path a YAML path: keys joined by dots, {@code *} for any key or list item, {@code **} for
 *     any number of them; matched from the document's root, or from a block scalar's
 * @param holds what is there
 * @param digestIn which field of a map takes the digest, or null to go by its keys
 */
public record SiteRule(String path, Holds holds, @Nullable DigestField digestIn) {

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

  public boolean matches(String sitePath) {
    int inner = sitePath.lastIndexOf('|');
    String shown = sitePath.substring(inner + 1).replaceFirst("^[0-9]*\\.?", "");
    return pattern().matcher(shown.replaceAll("\\[[0-9]+]", ".*")).matches();
  }

  private Pattern pattern() {
    StringBuilder regex = new StringBuilder();
    for (String part : path.replaceAll("\\[[0-9*]*]", ".*").split("\\.", -1)) {
      String separator = regex.isEmpty() ? "" : "\\.";
      switch (part) {
        case "**" -> regex.append(regex.isEmpty() ? "(?:[^.]+\\.)*" : "(?:\\.[^.]+)*");
        case "*" -> regex.append(afterDoubleStar(regex) ? "" : separator).append("[^.]+");
        default ->
            regex.append(afterDoubleStar(regex) ? "" : separator).append(Pattern.quote(part));
      }
    }
    return Pattern.compile(regex.toString());
  }

  private static boolean afterDoubleStar(CharSequence regex) {
    return regex.toString().equals("(?:[^.]+\\.)*");
  }
}
