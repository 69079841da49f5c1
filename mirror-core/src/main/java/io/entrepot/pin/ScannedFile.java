package io.entrepot.pin;

import io.entrepot.sites.LeftReason;
import io.entrepot.sites.SiteFinder;
import io.entrepot.sites.SiteRule;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceText;
import io.entrepot.yaml.UnreadableYamlException;
import io.entrepot.yaml.YamlScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
    SiteFinder.Found found,
    @Nullable Left problem) {

  private static final SiteFinder.Found NOTHING =
      new SiteFinder.Found(List.of(), List.of(), List.of(), Set.of());

  private static final Pattern KIND = Pattern.compile("(?m)^kind:");

  private static final Set<String> OWN_NAMES =
      Set.of("mirror.yaml", "pin.yaml", "check.yaml", "proxy.yaml");

  private static final List<String> OWN_KEYS =
      List.of("target", "targets", "registries", "listen", "sites", "lock", "floatingTags");

  /** Whether this is a configuration of this program, whose images are sources. */
  private static boolean own(String name, List<SourceNode> documents) {
    return OWN_NAMES.contains(name)
        && documents.size() == 1
        && documents.getFirst() instanceof SourceMapping root
        && root.entry("kind") == null
        && OWN_KEYS.stream().anyMatch(key -> root.entry(key) != null);
  }

  /** Whether this is an object of Kubernetes and not a chart's values. */
  boolean object() {
    return source != null && KIND.matcher(source.text()).find();
  }

  /** Whether this is one of a chart's templates, also where it happens to be YAML. */
  boolean inTemplates() {
    Path directory = path.toAbsolutePath().getParent();
    while (directory != null) {
      Path name = directory.getFileName();
      if (name != null
          && name.toString().equals("templates")
          && Files.exists(directory.resolveSibling("Chart.yaml"))) {
        return true;
      }
      directory = directory.getParent();
    }
    return false;
  }

  static ScannedFile read(Path path, String shown, String relative, List<SiteRule> rules)
      throws IOException {
    long size = Files.size(path);
    if (size > YamlScanner.MAX_LENGTH) {
      String why = "larger than %d MiB".formatted(YamlScanner.MAX_LENGTH >> 20);
      Left left = new Left(shown, 1, "", "", LeftReason.UNREADABLE, why);
      return new ScannedFile(path, shown, relative, null, NOTHING, left);
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
      if (own(name, documents)) {
        return new ScannedFile(path, shown, relative, source, NOTHING, null);
      }
      SiteFinder.Found found = new SiteFinder(rules).find(name, documents);
      Left problem = null;
      for (SourceNode document : documents) {
        Optional<ScalarSite> doubled = YamlScanner.doubledKey(document);
        if (doubled.isPresent() && problem == null) {
          String why =
              "the key '%s' stands twice in one map; parsers differ on which one counts"
                  .formatted(doubled.get().value());
          problem = new Left(shown, doubled.get().line(), "", "", LeftReason.UNREADABLE, why);
        }
      }
      return new ScannedFile(path, shown, relative, source, found, problem);
    } catch (UnreadableYamlException e) {
      boolean template = source != null && source.text().contains("{{");
      Left left =
          template
              ? new Left(
                  shown,
                  e.line(),
                  "",
                  "",
                  LeftReason.TEMPLATE_FILE,
                  "a template, not YAML: its images come from values")
              : new Left(
                  shown,
                  e.line(),
                  "",
                  "",
                  LeftReason.UNREADABLE,
                  "not readable as YAML: %s (column %d)".formatted(e.getMessage(), e.column()));
      return new ScannedFile(path, shown, relative, source, NOTHING, left);
    }
  }
}
