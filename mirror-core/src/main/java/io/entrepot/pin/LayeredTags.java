package io.entrepot.pin;

import io.entrepot.oci.ImageReference;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.ImageWords;
import io.entrepot.sites.Layout;
import io.entrepot.sites.LeftReason;
import io.entrepot.sites.Reading;
import io.entrepot.sites.Segment;
import io.entrepot.text.FilePosition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tags that one values file of a tree sets alone, over an image of another. A digest in a field
 * beside the image's own tag would hold for the other tag as well, and the version that runs would
 * fall back unseen; a new name holds for it too, and the mirror need not have that version.
 */
final class LayeredTags {

  /** The path of values inside of objects of Argo CD and Flux. */
  private static final String VALUES_OBJECT = "valuesObject";

  private static final List<String> RELEASE_VALUES = List.of("spec", "values");

  /** What names a chart in an object that gives values to it. */
  private static final Pattern CHART =
      Pattern.compile(
          "(?m)^[ \\t-]*(?:chart|path|releaseName|name):[ \\t]*[\"']?([A-Za-z0-9_./-]+)");

  private static final Pattern WORD = Pattern.compile("[A-Za-z0-9-]+");

  /**
   * A tag without a repository.
   *
   * @param path of the image among the values
   * @param charts names that the file says or has in its own path
   */
  record Alone(FilePosition at, Path file, List<String> path, String tag, Set<String> charts) {}

  /**
   * An image with a tag.
   *
   * @param chart the name of the directory with the chart, or null outside of charts
   * @param image what it is
   * @param field whether it has a field for its digest
   */
  record Whole(
      Path file,
      @Nullable String chart,
      List<String> path,
      String tag,
      ImageReference image,
      boolean field) {}

  private final PinSource source;
  private final List<Alone> alone;
  private final Set<String> charts = new HashSet<>();

  /**
   * @param source what another tag's image becomes is asked of it
   * @param whole what {@link #whole} gave for every file of the tree
   * @param alone what {@link #alone} gave for every file of the tree
   */
  LayeredTags(PinSource source, List<Whole> whole, List<Alone> alone) {
    this.source = source;
    this.alone = List.copyOf(alone);
    for (Whole each : whole) {
      if (each.chart() != null) {
        charts.add(each.chart());
      }
    }
  }

  /** The tags alone of a file. */
  static List<Alone> alone(ScannedFile file) {
    List<Alone> found = new ArrayList<>();
    Set<String> names = null;
    for (ImageSite site : file.found().sites()) {
      if (site.reading() instanceof Reading.Unclear unclear
          && unclear.reason() == LeftReason.NO_REPOSITORY
          && site.layout() == Layout.MAP) {
        names = names == null ? names(file) : names;
        found.add(
            new Alone(site.in(file.shown()), file.path(), path(site), site.name().text(), names));
      }
    }
    return found;
  }

  /** The images of a file whose tag has a field of its own. */
  static List<Whole> whole(ScannedFile file) {
    List<Whole> found = new ArrayList<>();
    for (ImageSite site : file.found().sites()) {
      whole(file.path(), site).ifPresent(found::add);
    }
    return found;
  }

  private static Optional<Whole> whole(Path file, ImageSite site) {
    Segment tag = site.tag();
    boolean fields =
        switch (site.layout()) {
          case MAP, FLAT, SPLIT -> true;
          default -> false;
        };
    return fields && tag != null && site.reading() instanceof Reading.Image image
        ? Optional.of(
            new Whole(
                file,
                chart(file),
                path(site),
                tag.text(),
                image.reference(),
                site.digest() != null))
        : Optional.empty();
  }

  /** Why an image must not have its digest here, or nothing where it may. */
  Optional<Resolution.Missing> conflict(Path file, ImageSite site) {
    return alone.isEmpty() ? Optional.empty() : whole(file, site).flatMap(this::conflict);
  }

  /** The same for what {@link #whole} gave. */
  Optional<Resolution.Missing> conflict(Whole image) {
    for (Alone each : alone) {
      if (each.tag().equals(image.tag()) || !moves(each, image)) {
        continue;
      }
      if (image.field()) {
        return left(
            "%s sets the tag %s over this one and no digest: a digest written here would hold for it too; give it a digest of its own"
                .formatted(each.at(), each.tag()));
      }
      if (!isMovedAlike(image.image(), each.tag())) {
        return left(
            "%s sets the tag %s over this one, and the lock does not hold that version: a name written here would hold for it too"
                .formatted(each.at(), each.tag()));
      }
    }
    return Optional.empty();
  }

  private static Optional<Resolution.Missing> left(String why) {
    return Optional.of(new Resolution.Missing(LeftReason.NOT_WRITABLE, why));
  }

  /** Whether the same image of another tag has a copy in the same repository. */
  private boolean isMovedAlike(ImageReference image, String written) {
    int at = written.indexOf('@');
    Optional<ImageReference> other =
        ImageWords.reference(
            image.repository() + ":" + (at < 0 ? written : written.substring(0, at)));
    return other.isPresent()
        && source.resolve(new Reading.Image(image)) instanceof Resolution.Pinned one
        && source.resolve(new Reading.Image(other.get())) instanceof Resolution.Pinned two
        && one.repository().equals(two.repository());
  }

  private boolean moves(Alone tag, Whole image) {
    String chart = image.chart();
    if (chart == null) {
      return tag.path().equals(image.path())
          && (name(tag.file()).equals(name(image.file()))
              || tag.charts().contains(stem(image.file()))
              || String.valueOf(tag.file().getParent())
                  .equals(String.valueOf(image.file().getParent())));
    }
    List<String> below = new ArrayList<>();
    below.add(chart);
    below.addAll(image.path());
    if (tag.path().equals(below)) {
      return true;
    }
    // A file that names no chart of the tree may be any chart's.
    boolean ours = tag.charts().contains(chart) || chart.equals(chart(tag.file()));
    boolean anothers = tag.charts().stream().anyMatch(charts::contains);
    return tag.path().equals(image.path()) && (ours || !anothers);
  }

  private static String stem(Path file) {
    return name(file).replaceFirst("\\.ya?ml$", "");
  }

  /** The path among values, whatever carries them. */
  private static List<String> path(ImageSite site) {
    List<String> parts = site.where().parts();
    if (site.where().outer().endsWith("parameters")) {
      // Argo CD's parameters: the name has dots, and says the part of the image at its end.
      String identity = site.identity();
      String name = identity.substring(identity.lastIndexOf('[') + 1, identity.length() - 1);
      List<String> keys = List.of(name.split("\\.", -1));
      return keys.subList(0, keys.size() - 1);
    }
    int object = parts.indexOf(VALUES_OBJECT);
    if (object >= 0) {
      return List.copyOf(parts.subList(object + 1, parts.size()));
    }
    boolean release = parts.size() > 2 && parts.subList(0, 2).equals(RELEASE_VALUES);
    return List.copyOf(release ? parts.subList(2, parts.size()) : parts);
  }

  private static Set<String> names(ScannedFile file) {
    Set<String> names = new HashSet<>();
    for (Path part : Path.of(file.relative())) {
      String plain = part.toString().replaceFirst("\\.ya?ml$", "");
      names.add(plain);
      Matcher word = WORD.matcher(plain);
      while (word.find()) {
        names.add(word.group());
        names.addAll(Arrays.asList(word.group().toLowerCase(Locale.ROOT).split("-", -1)));
      }
    }
    if (file.object() && file.source() != null) {
      Matcher chart = CHART.matcher(file.source().text());
      while (chart.find()) {
        String path = chart.group(1);
        names.add(path.substring(path.lastIndexOf('/') + 1));
      }
    }
    return names;
  }

  /** The name of the directory with the chart that a file lies in, or null. */
  private static @Nullable String chart(Path file) {
    Path directory = file.toAbsolutePath().normalize().getParent();
    for (int up = 0; directory != null && up < 3; up++) {
      if (Files.exists(directory.resolve("Chart.yaml"))) {
        return name(directory);
      }
      directory = directory.getParent();
    }
    return null;
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }
}
