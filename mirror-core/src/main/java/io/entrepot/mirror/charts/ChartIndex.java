package io.entrepot.mirror.charts;

import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceText;
import io.entrepot.yaml.UnreadableYamlException;
import io.entrepot.yaml.YamlScanner;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The index of an HTTP chart repository ({@code index.yaml}). An odd version costs itself, not the
 * chart.
 */
final class ChartIndex {

  /** Larger indexes than the largest public ones. */
  static final int MAX_BYTES = 128 * 1024 * 1024;

  /** From this length on only the lines of the chart are read as YAML. */
  private static final int LARGE = 512 * 1024;

  private ChartIndex() {}

  /**
   * A version that is offered.
   *
   * @param address where its package lies: relative to the repository, absolute, or {@code oci://}
   * @param digest SHA-256 of the package in hex, or null where the index does not say
   */
  record Offer(String version, String address, @Nullable String digest) {}

  /**
   * What is offered of a chart, in the index's order.
   *
   * @throws ChartException for what is no index, and without the chart
   */
  static List<Offer> offers(byte[] index, String chart, String repository) {
    List<SourceNode> documents;
    try {
      String text = SourceText.decode(index).text();
      documents = YamlScanner.scan(SourceText.of(text.length() > LARGE ? part(text, chart) : text));
    } catch (UnreadableYamlException e) {
      throw new ChartException(
          "index.yaml of %s is no YAML: %s".formatted(repository, e.getMessage()),
          "look at the address: it has to be that of a chart repository",
          e);
    }
    List<Offer> offers = new ArrayList<>();
    boolean known = false;
    for (SourceNode document : documents) {
      for (SourceMapping version : Nodes.mappings(document, "entries", chart)) {
        known = true;
        offer(version).ifPresent(offers::add);
      }
    }
    if (!known) {
      throw new ChartException(
          "the index of %s has no chart '%s'".formatted(repository, chart),
          "correct the name; 'helm search repo' lists what there is");
    }
    return offers;
  }

  private static Optional<Offer> offer(SourceMapping version) {
    String number = version.text("version");
    List<SourceNode> urls = Nodes.items(version, "urls");
    String address =
        urls.isEmpty() || !(urls.getFirst() instanceof ScalarSite first) ? null : first.value();
    if (number == null || address == null || number.isBlank() || address.isBlank()) {
      return Optional.empty();
    }
    String digest = version.text("digest");
    return Optional.of(
        new Offer(
            number,
            address,
            digest == null || digest.isBlank() ? null : digest.replaceFirst("^sha256:", "")));
  }

  /** The lines of one chart, as Helm writes them: two spaces, its name, a colon. */
  private static String part(String text, String chart) {
    Matcher start =
        Pattern.compile("(?m)^( +)[\"']?" + Pattern.quote(chart) + "[\"']?:[ \\t]*\\r?$")
            .matcher(text);
    if (!start.find()) {
      return text;
    }
    int indent = start.group(1).length();
    Matcher next =
        Pattern.compile("(?m)^(?: {0," + indent + "})[^ \\-\\s#][^\\n]*:[ \\t]*\\r?$")
            .matcher(text);
    int end = next.find(start.end()) ? next.start() : text.length();
    return "entries:\n" + text.substring(start.start(), end);
  }
}
