package io.entrepot.sites.format;

import io.entrepot.sites.FileSites;
import io.entrepot.sites.Format;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.SiteRule;
import io.entrepot.sites.SiteWalker;
import io.entrepot.yaml.SourceNode;
import java.util.ArrayList;
import java.util.List;

/** The image sites of YAML that was read already. */
public final class ImageSites {

  /**
   * Every format, in the order in which they read a node. Of two that would take a scalar the first
   * has it.
   */
  static final List<Format> ORDER =
      List.of(
          // What pin.yaml says goes before every convention.
          new ConfiguredSites(),
          // Maps.
          new HelmCharts(),
          // Before the formats that would take some of their keys alone.
          new BuiltImages(),
          new CompletedNames(),
          new OperatorImage(),
          new ImageMap(),
          new WholeReferences(),
          new SplitImage(),
          new FlatPairs(),
          new Environment(),
          new JsonPatch(),
          new UnquotedTemplates(),
          // Lists.
          new HelmParameters(),
          new KustomizeImages(),
          // Texts: blocks first, then by the comment beside them, then by their keys.
          new JsonTexts(),
          new AssignmentBlocks(),
          new GithubActions(),
          new UpdaterComments(),
          new ImageKeys(),
          new KnownReferences(),
          // Texts in lists.
          new ImageFlags(),
          new AssignmentItems(),
          new ImageLists());

  /** The formats for kinds that watch or check images: their images are named and left. */
  static final List<Format> WATCHED =
      List.of(
          new ConfiguredSites(), new AssignmentBlocks(), new GithubActions(), new WatchedImages());

  private ImageSites() {}

  /**
   * What a file holds.
   *
   * @param fileName the last part of its path, which tells charts and kustomizations; may be empty
   * @param rules what {@code pin.yaml} says
   */
  public static FileSites of(String fileName, List<SourceNode> documents, List<SiteRule> rules) {
    return new SiteWalker(ORDER, WATCHED, rules).find(fileName, documents);
  }

  /**
   * As the other, for who knows of more than files do.
   *
   * @param more formats that read a node after all others
   */
  public static FileSites of(
      String fileName, List<SourceNode> documents, List<SiteRule> rules, List<Format> more) {
    List<Format> order = new ArrayList<>(ORDER);
    order.addAll(more);
    return new SiteWalker(List.copyOf(order), WATCHED, rules).find(fileName, documents);
  }

  /**
   * The sites of one document.
   *
   * @param fileName the last part of its path, which tells charts and kustomizations; may be empty
   */
  public static List<ImageSite> of(String fileName, SourceNode document) {
    return of(fileName, List.of(document), List.of()).sites();
  }
}
