package io.entrepot.pin;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MalformedException;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.LeftReason;
import io.entrepot.sites.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The finder against a list that people made. */
final class CorpusSitesTest {

  /** The line of a row that says: this file was read and holds none. */
  private static final int NO_SITE = 0;

  private record Row(String path, int line, String meaning) {}

  @Test
  void recallAndFalseSites_areAsWanted() throws IOException {
    Path root = Corpus.require();
    List<Row> rows = new ArrayList<>();
    Set<String> files = new LinkedHashSet<>();
    for (Row row : rows()) {
      files.add(row.path());
      if (row.line() != NO_SITE) {
        rows.add(row);
      }
    }
    assertThat(rows).hasSizeGreaterThanOrEqualTo(450);
    assertThat(files).hasSizeGreaterThanOrEqualTo(190);

    Map<String, Reading> found = new HashMap<>();
    for (String file : files) {
      for (ImageSite site :
          ScannedFile.read(root.resolve(file), file, file, List.of()).found().sites()) {
        boolean partAlone =
            site.reading() instanceof Reading.Unclear unclear
                && (unclear.reason() == LeftReason.NO_REPOSITORY
                    || unclear.reason() == LeftReason.DIGEST_ALONE);
        if (!partAlone) {
          found.put(file + ":" + site.line(), site.reading());
        }
      }
    }
    List<String> missed = new ArrayList<>();
    List<String> misread = new ArrayList<>();
    int hit = 0;
    for (Row row : rows) {
      Reading reading = found.remove(row.path() + ":" + row.line());
      if (reading == null) {
        missed.add(row.toString());
        continue;
      }
      hit++;
      if (!agrees(row.meaning(), reading)) {
        misread.add(row + " was read as " + reading);
      }
    }
    double recall = (double) hit / rows.size();
    double wrong = (double) found.size() / (hit + found.size());
    assertThat(recall).as("missed: %s", missed).isGreaterThanOrEqualTo(0.98);
    assertThat(wrong).as("false: %s", found).isLessThanOrEqualTo(0.005);
    // Two maps below a global.imageRegistry with a path, which only the chart's template tells
    // apart
    // from those that it stands before; their images are in no lock, so nothing is written.
    assertThat(misread).hasSizeLessThanOrEqualTo(2);
  }

  @Test
  void repository_isFoundFromItsRootAndFromAModule() {
    Path root = Corpus.repository();
    assertThat(Corpus.around(root)).isEqualTo(root);
    assertThat(Corpus.around(root.resolve("mirror-core"))).isEqualTo(root);
  }

  private static boolean agrees(String meaning, Reading reading) {
    return switch (reading) {
      case Reading.Image image -> reference(meaning, image.reference());
      case Reading.Chart chart ->
          (chart.repository() + (chart.version() == null ? "" : ":" + chart.version()))
              .contains(canonical(meaning.replace("oci://", "")));
      case Reading.ChartRegistry registry -> registry.address().contains(meaning);
      case Reading.Unclear unclear ->
          unclear.written().endsWith(meaning) || unclear.written().contains(meaning);
    };
  }

  private static boolean reference(String meaning, ImageReference reference) {
    try {
      ImageReference expected = ImageReference.parse(meaning);
      // The list has the name; a tag in another line may be missing there.
      return expected.equals(reference)
          || (expected.tag() == null && expected.repository().equals(reference.repository()));
    } catch (MalformedException e) {
      return false;
    }
  }

  private static String canonical(String chart) {
    return ImageReference.parse(chart).toString();
  }

  private static List<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(Corpus.sites())) {
      if (!line.startsWith("#") && !line.isBlank()) {
        String[] parts = line.split("\t", 3);
        boolean none = parts[1].equals("-");
        rows.add(
            none
                ? new Row(parts[0], NO_SITE, "")
                : new Row(parts[0], Integer.parseInt(parts[1]), parts[2]));
      }
    }
    return rows;
  }
}
