package io.entrepot.gate.init;

import io.entrepot.text.FilePosition;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What was found, and the files that say it.
 *
 * @param images to be mirrored, sorted
 * @param charts with versions
 * @param firstParty images that are built here
 * @param registries how many of the images come from each
 * @param pulls that the first mirror takes of quotas; an estimate where manifests were not seen
 * @param bytes of everything that was seen, each digest once
 * @param sized whether the manifests of lists were read for their sizes
 * @param mirror the text of mirror.yaml
 * @param check the text of check.yaml, or null where there is one
 */
public record InitReport(
    List<Image> images,
    List<Chart> charts,
    List<String> firstParty,
    List<Unsure> unsure,
    List<Unread> unread,
    SortedMap<String, Integer> registries,
    long pulls,
    long bytes,
    boolean sized,
    String mirror,
    @Nullable String check) {

  /**
   * An image.
   *
   * @param problem why it cannot be mirrored as it is, or null
   */
  public record Image(String source, @Nullable String problem) {}

  /**
   * A chart.
   *
   * @param repository of an HTTP repository, or null
   * @param problem why its images are not known, or null
   */
  public record Chart(
      String chart, @Nullable String repository, String version, @Nullable String problem) {}

  /** Something that names an image without saying which. */
  public record Unsure(String image, String reason, @Nullable FilePosition position) {}

  /** Something whose images are not known, because it could not be read. */
  public record Unread(String what, String why) {}

  /** Copies. */
  public InitReport {
    images = List.copyOf(images);
    charts = List.copyOf(charts);
    firstParty = List.copyOf(firstParty);
    unsure = List.copyOf(unsure);
    unread = List.copyOf(unread);
    registries = Collections.unmodifiableSortedMap(new TreeMap<>(registries));
  }

  /** Whether there is anything that can be mirrored. */
  public boolean isEmpty() {
    return charts.isEmpty() && registries.isEmpty();
  }

  /** Images that cannot be mirrored as they are. */
  public List<Image> problems() {
    return images.stream().filter(image -> image.problem() != null).toList();
  }
}
