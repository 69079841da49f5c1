package io.entrepot.pin;

import io.entrepot.sites.Dismissal;
import io.entrepot.sites.ImageSite;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Why a line of a file is an image site, or is not. */
public final class Explanation {

  private Explanation() {}

  /**
   * What is known about a line, one sentence each; never empty.
   *
   * @param line from 1
   * @param source what the site would become is asked of it
   * @throws IOException if the file cannot be read
   */
  public static List<String> of(Path path, int line, PinRules rules, PinSource source)
      throws IOException {
    ScannedFile file =
        ScannedFile.read(
            path.toRealPath(), path.toString(), String.valueOf(path.getFileName()), rules.sites());
    List<String> sentences = new ArrayList<>();
    Left problem = file.problem();
    if (problem != null) {
      sentences.add(
          "The file is not touched: line %d: %s.".formatted(problem.line(), problem.reason()));
    }
    for (ImageSite site : file.found().sites()) {
      if (site.touches(line)) {
        sentences.add(
            "%s is a site (%s) that means %s."
                .formatted(name(site.path()), site.layout().words(), site.reading()));
        source.prepare(List.of(site.reading()));
        sentences.add(becomes(source.resolve(site.reading())));
      }
    }
    for (Dismissal dismissal : file.found().dismissals()) {
      if (dismissal.line() == line) {
        sentences.add(
            "%s is no site: %s.".formatted(name(dismissal.path().text()), dismissal.why()));
      }
    }
    long lines = file.source() == null ? line : file.source().text().lines().count();
    if (line > lines) {
      sentences.add("No site: the file has %d %s.".formatted(lines, lines == 1 ? "line" : "lines"));
    } else if (sentences.isEmpty()) {
      sentences.add(
          "No site: nothing on this line has the shape of an image. 'sites' in pin.yaml can name"
              + " its YAML path.");
    }
    return sentences;
  }

  private static String name(String path) {
    return path.isEmpty() ? "The document" : path;
  }

  private static String becomes(Resolution resolution) {
    return switch (resolution) {
      case Resolution.Pinned pinned ->
          "It becomes %s%s@%s."
              .formatted(
                  pinned.repository(),
                  pinned.tag() == null ? "" : ":" + pinned.tag(),
                  pinned.digest());
      case Resolution.Moved moved -> "It becomes %s.".formatted(moved.repository());
      case Resolution.Copied copied -> "It becomes %s.".formatted(copied.part());
      case Resolution.Kept _ -> "It is as it should be.";
      case Resolution.Missing missing -> "It stays: %s.".formatted(missing.message());
    };
  }
}
