package io.entrepot.mirror.charts;

import io.entrepot.verify.TarReader;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceText;
import io.entrepot.yaml.UnreadableYamlException;
import io.entrepot.yaml.YamlScanner;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** What a packed chart says of itself. */
final class ChartArchive {

  private static final int MAX_METADATA = 1024 * 1024;
  private static final int MAX_MEMBERS = 100_000;

  private ChartArchive() {}

  /**
   * The chart's {@code Chart.yaml}.
   *
   * @throws ChartException where the package holds none
   */
  static SourceNode metadata(byte[] archive, String name) {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(archive))) {
      TarReader tar = new TarReader(in);
      int members = 0;
      for (TarReader.Entry entry = tar.next(); entry != null; entry = tar.next()) {
        if (++members > MAX_MEMBERS) {
          break;
        }
        if (entry.type() == '0' && entry.name().matches("(\\./)?[^/]+/Chart\\.yaml")) {
          List<SourceNode> documents = YamlScanner.scan(SourceText.decode(tar.head(MAX_METADATA)));
          if (!documents.isEmpty()) {
            return documents.getFirst();
          }
        }
      }
      throw broken(name, "it has no Chart.yaml", null);
    } catch (IOException | UnreadableYamlException e) {
      throw broken(name, String.valueOf(e.getMessage()), e);
    }
  }

  /** Something that the chart says in an annotation. */
  static @Nullable String annotation(SourceNode metadata, String key) {
    return Nodes.text(metadata, "annotations", key);
  }

  private static ChartException broken(String name, String problem, @Nullable Throwable cause) {
    String message = "the package of %s is no chart: %s".formatted(name, problem);
    String remedy = "ask the publisher to publish it again";
    return cause == null
        ? new ChartException(message, remedy)
        : new ChartException(message, remedy, cause);
  }
}
