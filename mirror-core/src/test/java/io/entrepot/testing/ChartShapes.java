package io.entrepot.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Charts, one for each way to name images, and the images that each starts. */
public final class ChartShapes {

  private static final Path ROOT = Path.of("src/test/resources/chart-shapes");
  private static final String TRUTH = "truth.txt";

  private ChartShapes() {}

  /** The names of the shapes. */
  public static List<String> names() throws IOException {
    try (Stream<Path> shapes = Files.list(ROOT)) {
      return shapes.map(shape -> String.valueOf(shape.getFileName())).sorted().toList();
    }
  }

  /** The files of a chart, by their paths in it. */
  public static Map<String, String> files(String shape) throws IOException {
    Path root = ROOT.resolve(shape);
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        String path = root.relativize(file).toString();
        if (!path.equals(TRUTH)) {
          files.put(path, Files.readString(file));
        }
      }
    }
    return files;
  }

  /** The images that a chart names, canonically. */
  public static List<String> named(String shape) throws IOException {
    return lines(shape).stream().map(line -> line.replaceFirst("^charts: ", "")).toList();
  }

  /** Those of them that Argo CD starts: it runs no tests of charts, and reads no annotations. */
  public static List<String> started(String shape) throws IOException {
    return lines(shape).stream().filter(line -> !line.startsWith("charts: ")).toList();
  }

  private static List<String> lines(String shape) throws IOException {
    return Files.readAllLines(ROOT.resolve(shape).resolve(TRUTH)).stream()
        .filter(line -> !line.startsWith("#") && !line.isBlank())
        .toList();
  }
}
