package io.entrepot.pin;

import io.entrepot.render.ChartTemplates;
import io.entrepot.render.OwnFile;
import io.entrepot.sites.FileSites;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.LeftReason;
import io.entrepot.sites.SiteRule;
import io.entrepot.sites.format.ImageSites;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceText;
import io.entrepot.yaml.UnreadableYamlException;
import io.entrepot.yaml.YamlScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A file and the sites in it.
 *
 * @param shown the name in reports
 * @param relative the path below the directory it was found in, or its name
 * @param source null where the file could not be read
 * @param problem why the file is not to be touched, or null
 * @param sealed the documents that sops has encrypted in part, with a checksum over all of it
 * @param doubled keys that stand twice in a map
 */
record ScannedFile(
    Path path,
    String shown,
    String relative,
    @Nullable SourceText source,
    FileSites found,
    @Nullable Left problem,
    List<Sealed> sealed,
    DoubledKeys doubled) {

  /**
   * A document whose values cannot change without its key.
   *
   * @param from its first line, from 1
   * @param to the line after its last
   */
  record Sealed(int from, int to) {}

  /** Whether a site stands in a document whose checksum covers it. */
  boolean isSealed(ImageSite site) {
    return sealed.stream().anyMatch(each -> each.from() <= site.line() && site.line() < each.to());
  }

  private static final Pattern KIND = Pattern.compile("(?m)^kind:");

  /** Whether this is an object of Kubernetes and not a chart's values. */
  boolean object() {
    return source != null && KIND.matcher(source.text()).find();
  }

  /** Whether this is one of a chart's templates, also where it happens to be YAML. */
  boolean inTemplates() {
    return ChartTemplates.contain(path);
  }

  /**
   * @param charts what is known of charts in HTTP repositories
   */
  static ScannedFile read(
      Path path, String shown, String relative, List<SiteRule> rules, IndexedCharts charts)
      throws IOException {
    long size = Files.size(path);
    if (size > YamlScanner.MAX_LENGTH) {
      String why = "larger than %d MiB".formatted(YamlScanner.MAX_LENGTH >> 20);
      Left left = Left.file(FilePosition.of(shown, 1), LeftReason.UNREADABLE, why);
      return new ScannedFile(
          path, shown, relative, null, FileSites.NONE, left, List.of(), DoubledKeys.NONE);
    }
    return of(path, shown, relative, Files.readAllBytes(path), rules, charts);
  }

  /** As the other, where nothing is known of charts. */
  static ScannedFile read(Path path, String shown, String relative, List<SiteRule> rules)
      throws IOException {
    return read(path, shown, relative, rules, IndexedCharts.NONE);
  }

  /** Whether a directory above is called {@code templates}, with a chart beside it or without. */
  private static boolean amongTemplates(Path path) {
    Path directory = path.toAbsolutePath().normalize().getParent();
    if (directory != null) {
      for (Path name : directory) {
        if (name.toString().equals("templates")) {
          return true;
        }
      }
    }
    return false;
  }

  private static List<Sealed> sealed(List<SourceNode> documents) {
    List<Sealed> sealed = new ArrayList<>();
    for (int i = 0; i < documents.size(); i++) {
      if (documents.get(i) instanceof SourceMapping root
          && root.get("sops") instanceof SourceMapping sops
          && sops.text("mac") != null
          && !"true".equals(sops.text("mac_only_encrypted"))) {
        boolean last = i + 1 == documents.size();
        sealed.add(new Sealed(root.line(), last ? Integer.MAX_VALUE : documents.get(i + 1).line()));
      }
    }
    return sealed;
  }

  static ScannedFile of(
      Path path, String shown, String relative, byte[] bytes, List<SiteRule> rules) {
    return of(path, shown, relative, bytes, rules, IndexedCharts.NONE);
  }

  private static ScannedFile of(
      Path path,
      String shown,
      String relative,
      byte[] bytes,
      List<SiteRule> rules,
      IndexedCharts charts) {
    SourceText source = null;
    try {
      source = SourceText.decode(bytes);
      List<SourceNode> documents = YamlScanner.scan(source);
      String name = String.valueOf(path.getFileName());
      if (OwnFile.is(name, documents)) {
        return new ScannedFile(
            path, shown, relative, source, FileSites.NONE, null, List.of(), DoubledKeys.NONE);
      }
      FileSites found = ImageSites.of(name, documents, rules, List.of(charts));
      return new ScannedFile(
          path, shown, relative, source, found, null, sealed(documents), DoubledKeys.of(documents));
    } catch (UnreadableYamlException e) {
      boolean template =
          source != null && ChartTemplates.isTemplate(source.text()) && amongTemplates(path);
      Left left =
          template
              ? Left.file(
                  FilePosition.of(shown, e.line()),
                  LeftReason.TEMPLATE_FILE,
                  "a template, not YAML: its images come from values")
              : Left.file(
                  FilePosition.of(shown, e.line()),
                  LeftReason.UNREADABLE,
                  "not readable as YAML: %s (column %d)".formatted(e.getMessage(), e.column()));
      return new ScannedFile(
          path, shown, relative, source, FileSites.NONE, left, List.of(), DoubledKeys.NONE);
    }
  }
}
