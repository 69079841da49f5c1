package io.entrepot.sites;

import io.entrepot.yaml.SourceNode;
import java.util.List;

/** The image sites of YAML that was read already. */
public final class ImageSites {

  private ImageSites() {}

  /**
   * The sites of one document.
   *
   * @param fileName the last part of its path, which tells charts and kustomizations; may be empty
   */
  public static List<ImageSite> of(String fileName, SourceNode document) {
    return new SiteFinder(List.of()).find(fileName, List.of(document)).sites();
  }
}
