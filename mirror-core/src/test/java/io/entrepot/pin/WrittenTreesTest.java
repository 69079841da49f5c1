package io.entrepot.pin;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.ImageReference;
import io.entrepot.sites.FloatingTags;
import io.entrepot.sites.Reading;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code pin} on trees that were written after what people keep in repositories, each with a list
 * of the places that are images: how many it finds, and what else it writes.
 */
final class WrittenTreesTest {

  private static final Path TREES = Path.of("src", "test", "resources", "trees");
  private static final String LIST = "images.tsv";

  /** The fields of one image stand this close to each other. */
  private static final int NEAR = 6;

  private static final double LEAST_RECALL = 0.995;
  private static final double MOST_FALSE = 0.001;

  @TempDir Path copy = Path.of("");

  /**
   * A place that is an image.
   *
   * @param left whether it can only be named
   */
  private record Row(String file, int line, String image, boolean chart, boolean left) {
    static Row of(String line) {
      String[] parts = line.split("\t", -1);
      boolean left = parts[2].startsWith("~");
      boolean chart = parts[2].startsWith("chart:");
      String image = parts[2].substring(left ? 1 : chart ? "chart:".length() : 0);
      return new Row(parts[0], Integer.parseInt(parts[1]), image, chart, left);
    }
  }

  /** What was written for one image. */
  private record Written(String file, String image, Set<Integer> lines) {}

  @Test
  void recallAndFalseEdits_areAsWanted() throws IOException {
    List<Row> rows =
        Files.readAllLines(TREES.resolve(LIST)).stream()
            .filter(line -> !line.startsWith("#"))
            .map(Row::of)
            .toList();
    List<Written> edits = new ArrayList<>();
    Map<String, List<Left>> left = new LinkedHashMap<>();
    PinSource source = new LockSource(Locks.covering(readings(rows)), FloatingTags.DEFAULT);
    copy();
    for (Path tree : list(copy)) {
      PinPlan plan = new Pinner(PinRules.DEFAULT, source).plan(List.of(tree), List.of());
      edits.addAll(written(plan));
      for (Left each : plan.left()) {
        left.computeIfAbsent(relative(each.file()), _ -> new ArrayList<>()).add(each);
      }
    }
    List<String> missed = new ArrayList<>();
    int places = 0;
    int hit = 0;
    for (Row row : rows) {
      if (row.left()) {
        boolean named =
            left.getOrDefault(row.file(), List.of()).stream()
                .anyMatch(each -> Math.abs(each.line() - row.line()) <= NEAR);
        if (!named) {
          missed.add("not named: " + row);
        }
        continue;
      }
      places++;
      Optional<Written> found = edits.stream().filter(each -> isOf(each, row)).findFirst();
      if (found.isPresent()) {
        hit++;
        edits.remove(found.get());
      } else {
        missed.add(row.toString());
      }
    }
    double recall = (double) hit / places;
    double wrong = (double) edits.size() / (hit + edits.size());
    System.getLogger(WrittenTreesTest.class.getName())
        .log(
            System.Logger.Level.INFO,
            String.format(
                Locale.ROOT,
                "%d places: recall %.2f %%, false edits %.2f %%",
                places,
                100 * recall,
                100 * wrong));
    assertThat(places).isGreaterThanOrEqualTo(260);
    assertThat(recall).as("missed: %s", lines(missed)).isGreaterThanOrEqualTo(LEAST_RECALL);
    assertThat(wrong).as("false: %s", lines(edits)).isLessThanOrEqualTo(MOST_FALSE);
    assertThat(missed).filteredOn(each -> each.startsWith("not named")).isEmpty();
  }

  private static String lines(List<?> all) {
    StringBuilder text = new StringBuilder();
    all.forEach(each -> text.append('\n').append(each));
    return text.toString();
  }

  private static boolean isOf(Written written, Row row) {
    return written.file().equals(row.file())
        && same(written.image(), row)
        && written.lines().stream().anyMatch(line -> Math.abs(line - row.line()) <= NEAR);
  }

  private static boolean same(String image, Row row) {
    return row.chart()
        ? image.equals(ImageReference.parse(row.image()).toString())
        : ImageReference.parse(image).equals(ImageReference.parse(row.image()));
  }

  /** An image's fields are edits of one path; what is written twice belongs to another image. */
  private List<Written> written(PinPlan plan) {
    Map<String, Written> open = new LinkedHashMap<>();
    List<Written> all = new ArrayList<>();
    Set<String> seen = new TreeSet<>();
    for (SiteEdit edit : plan.edits()) {
      String key = "%s %s %s".formatted(edit.file(), edit.path(), edit.image());
      if (!seen.add(key + " " + edit.old()) || !open.containsKey(key)) {
        Written written = new Written(relative(edit.file()), edit.image(), new TreeSet<>());
        open.put(key, written);
        all.add(written);
      }
      open.get(key).lines().add(edit.line());
    }
    return all;
  }

  private static List<Reading> readings(List<Row> rows) {
    List<Reading> readings = new ArrayList<>();
    for (Row row : rows) {
      if (row.left()) {
        continue;
      }
      ImageReference image = ImageReference.parse(row.image());
      readings.add(
          row.chart()
              ? new Reading.Chart(image.repository(), String.valueOf(image.tag()), null)
              : new Reading.Image(image));
    }
    return readings;
  }

  private void copy() throws IOException {
    try (Stream<Path> files = Files.walk(TREES)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path to = copy.resolve(TREES.relativize(file).toString());
        if (!file.endsWith(LIST)) {
          Files.createDirectories(to.getParent());
          Files.copy(file, to);
        }
      }
    }
  }

  private static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.filter(Files::isDirectory).sorted().toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private String relative(String file) {
    return copy.relativize(Path.of(file)).toString().replace('\\', '/');
  }
}
