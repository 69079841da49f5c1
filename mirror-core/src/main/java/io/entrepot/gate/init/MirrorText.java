package io.entrepot.gate.init;

import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Writes the {@code mirror.yaml}. */
final class MirrorText {

  /** Why a copy is not mirrored. */
  static final String INSIDE =
      "it lies inside the target: it is a copy, and no lock here says of which source";

  private static final Pattern PLAIN =
      Pattern.compile("[A-Za-z0-9./][A-Za-z0-9._/@+:-]*[A-Za-z0-9_/]");

  /** Numbers, and words that YAML takes for something else than text. */
  private static final Pattern OTHER_TYPE =
      Pattern.compile("[0-9.eE+:_-]+|(?i:true|false|yes|no|on|off|null|\\.inf|\\.nan)|0x.*|0o.*");

  private final Repository target;
  private final List<Platform> platforms;
  private final String registries;
  private final List<WrittenImage> images;
  private final FoundImages found;
  private final List<String> firstParty;
  private final StringBuilder text = new StringBuilder();

  MirrorText(
      Repository target,
      List<Platform> platforms,
      String registries,
      List<WrittenImage> images,
      FoundImages found,
      List<String> firstParty) {
    this.target = target;
    this.platforms = platforms;
    this.registries = registries;
    this.images = images;
    this.found = found;
    this.firstParty = firstParty;
  }

  String write() {
    line(
        "# What is mirrored, first written by entrepot init. It is yours from here on: entrepot mirror --dry-run");
    line("# says what would be copied.");
    line("");
    line("# Copies go below this repository.");
    line("target: " + target);
    line("naming: flat # docker.io/bitnami/os-shell -> <target>/bitnami-os-shell");
    line("");
    line("# Each of these must really be there, or the image is refused.");
    line("platforms: " + list(platforms));
    if (!registries.isBlank()) {
      line("");
      text.append(registries.stripTrailing()).append('\n');
    }
    charts();
    images();
    firstParty();
    return text.toString();
  }

  private void charts() {
    List<FoundChart> charts = found.charts();
    if (charts.isEmpty()) {
      return;
    }
    line("");
    line("# Charts, with the images that they start.");
    line("charts:");
    Set<String> names = new HashSet<>();
    for (FoundChart chart : charts) {
      String from = chart.repository();
      comment("  ", "used at", chart.where());
      line(
          from == null
              ? "  - chart: " + quoted(chart.chart())
              : "  - chart: { repository: %s, name: %s }"
                  .formatted(quoted(from), quoted(chart.chart())));
      line("    version: " + quoted(chart.version()));
      if (!chart.values().isEmpty()) {
        line(
            "    values: "
                + chart.values().stream()
                    .map(MirrorText::quoted)
                    .collect(Collectors.joining(", ", "[", "]")));
      }
      String beside = beside(chart, names);
      if (!beside.isEmpty()) {
        line("    # Another chart has this name: this one lies beside it.");
        line("    target: %s/charts/%s/%s".formatted(target, beside, chart.name()));
      }
    }
  }

  /**
   * The folder of a chart whose name another one has: what it comes from, or its version; empty for
   * the first of a name.
   *
   * @param names that are taken
   */
  private static String beside(FoundChart chart, Set<String> names) {
    String host = slug(chart.repository() == null ? chart.chart() : chart.repository());
    String version = slug(chart.version());
    for (String folder : List.of("", host, host + "-" + version)) {
      if (names.add(folder + "/" + chart.name())) {
        return folder;
      }
    }
    for (int i = 2; ; i++) {
      String folder = host + "-" + version + "-" + i;
      if (names.add(folder + "/" + chart.name())) {
        return folder;
      }
    }
  }

  private static String slug(String text) {
    String rest = text.substring(text.indexOf("://") < 0 ? 0 : text.indexOf("://") + 3);
    String slug = rest.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    String trimmed = slug.replaceAll("^-|-$", "");
    return trimmed.isEmpty() ? "any" : trimmed;
  }

  private void images() {
    if (images.isEmpty() && found.inside().isEmpty()) {
      return;
    }
    line("");
    if (images.isEmpty()) {
      line("# images:");
    } else {
      line("images:");
    }
    Map<RegistryName, List<WrittenImage>> byRegistry = new TreeMap<>();
    for (WrittenImage image : images) {
      byRegistry.computeIfAbsent(image.source().registry(), _ -> new ArrayList<>()).add(image);
    }
    boolean first = true;
    for (Map.Entry<RegistryName, List<WrittenImage>> each : byRegistry.entrySet()) {
      if (!first) {
        line("");
      }
      first = false;
      int number = each.getValue().size();
      line("  # %s: %d image%s".formatted(each.getKey(), number, number == 1 ? "" : "s"));
      each.getValue().forEach(this::image);
    }
    if (!found.inside().isEmpty()) {
      line("");
      line("  # Copies already, below the target. Their sources are not known here; add them:");
      for (FoundImage each : found.inside()) {
        line("  #   " + each.reference() + aside(each.where()));
      }
    }
  }

  private void image(WrittenImage image) {
    String source = scalar(image.source());
    if (image.isPlain()) {
      line("  - " + source + aside(image.image().where()));
    } else {
      line(
          "  - %s: %s%s"
              .formatted(
                  image.artifact() ? "artifact" : "source", source, aside(image.image().where())));
    }
    if (image.as() != null) {
      line("    as: " + image.as());
    }
    if (image.target() != null) {
      line("    target: " + scalar(image.target()));
    }
    if (image.problem() == null) {
      return;
    }
    comment("    ", "PROBLEM:", image.problem());
    if (!image.waiver().isEmpty()) {
      line("    # Where that is all right, remove the # of the next two lines and say why:");
      line("    # platforms: " + list(image.waiver()));
      line("    # reason: \"no other platform upstream\"");
    }
  }

  private void firstParty() {
    if (found.firstParty().isEmpty()) {
      return;
    }
    line("");
    line("# Built here, and therefore not mirrored (%s):".formatted(String.join(", ", firstParty)));
    for (FoundImage each : found.firstParty()) {
      line("#   " + each.reference() + aside(each.where()));
    }
  }

  private static String aside(String where) {
    return where.isEmpty() ? "" : " # " + oneLine(where);
  }

  private void comment(String indent, String what, String said) {
    if (!said.isEmpty()) {
      line("%s# %s %s".formatted(indent, what, oneLine(said)));
    }
  }

  private void line(String line) {
    text.append(line).append('\n');
  }

  private static String list(List<Platform> platforms) {
    return platforms.stream().map(Platform::toString).collect(Collectors.joining(", ", "[", "]"));
  }

  /** What others wrote, in a comment. */
  static String oneLine(String text) {
    return text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\s]+", " ").strip();
  }

  /** A registry given as an IPv6 address starts with a bracket, which would begin a list. */
  private static String scalar(ImageReference reference) {
    String written = reference.toString();
    return written.startsWith("[") ? "\"" + written + "\"" : written;
  }

  /** Text of others, as YAML and this program's variables leave it alone. */
  static String quoted(String value) {
    return PLAIN.matcher(value).matches() && !OTHER_TYPE.matcher(value).matches()
        ? value
        : "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("$", "$$") + "\"";
  }
}
