package io.entrepot.pin;

import io.entrepot.render.ChartTemplates;
import io.entrepot.render.OwnFile;
import io.entrepot.sites.FileSites;
import io.entrepot.sites.LeftReason;
import io.entrepot.sites.SiteRule;
import io.entrepot.sites.format.ImageSites;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceText;
import io.entrepot.yaml.UnreadableYamlException;
import io.entrepot.yaml.YamlScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A file and the sites in it.
 *
 * @param shown the name in reports
 * @param relative the path below the directory it was found in, or its name
 * @param source null where the file could not be read
 * @param problem why the file is not to be touched, or null
 */
record ScannedFile(
    Path path,
    String shown,
    String relative,
    @Nullable SourceText source,
    FileSites found,
    @Nullable Left problem) {

  private static final Pattern KIND = Pattern.compile("(?m)^kind:");

  /** Whether this is an object of Kubernetes and not a chart's values. */
  boolean object() {
    return source != null && KIND.matcher(source.text()).find();
  }

  /** Whether this is one of a chart's templates, also where it happens to be YAML. */
  boolean inTemplates() {
    return ChartTemplates.contain(path);
  }

  static ScannedFile read(Path path, String shown, String relative, List<SiteRule> rules)
      throws IOException {
    long size = Files.size(path);
    if (size > YamlScanner.MAX_LENGTH) {
      String why = "larger than %d MiB".formatted(YamlScanner.MAX_LENGTH >> 20);
      Left left = Left.file(FilePosition.of(shown, 1), LeftReason.UNREADABLE, why);
      return new ScannedFile(path, shown, relative, null, FileSites.NONE, left);
    }
    return of(path, shown, relative, Files.readAllBytes(path), rules);
  }

  static ScannedFile of(
      Path path, String shown, String relative, byte[] bytes, List<SiteRule> rules) {
    SourceText source = null;
    try {
      source = SourceText.decode(bytes);
      List<SourceNode> documents = YamlScanner.scan(source);
      String name = String.valueOf(path.getFileName());
      if (OwnFile.is(name, documents)) {
        return new ScannedFile(path, shown, relative, source, FileSites.NONE, null);
      }
      FileSites found = ImageSites.of(name, documents, rules);
      Left problem = null;
      for (SourceNode document : documents) {
        Optional<ScalarSite> doubled = YamlScanner.doubledKey(document);
        if (doubled.isPresent() && problem == null) {
          String why =
              "the key '%s' stands twice in one map; parsers differ on which one counts"
                  .formatted(doubled.get().value());
          problem =
              Left.file(FilePosition.of(shown, doubled.get().line()), LeftReason.UNREADABLE, why);
        }
      }
      return new ScannedFile(path, shown, relative, source, found, problem);
    } catch (UnreadableYamlException e) {
      boolean template = source != null && ChartTemplates.isTemplate(source.text());
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
      return new ScannedFile(path, shown, relative, source, FileSites.NONE, left);
    }
  }
}
