package io.entrepot.mirror;

import io.entrepot.mirror.charts.ChartAddress;
import io.entrepot.mirror.charts.ChartEntry;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Repository;
import io.entrepot.yaml.YamlValue;
import io.entrepot.yaml.YamlValue.YamlProperties;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads {@code charts:} of a mirror file. */
final class ChartEntryReader {

  private static final String ANY_RELEASE = "*";
  private static final int MAX_NEWEST = 100;

  private final Path directory;
  private final Optional<Repository> around;
  private final Map<Repository, String> targets = new HashMap<>();

  /**
   * @param around {@code target:} of the file
   */
  ChartEntryReader(Path directory, Optional<Repository> around) {
    this.directory = directory;
    this.around = around;
  }

  List<ChartEntry> read(YamlValue list) {
    List<ChartEntry> entries = new ArrayList<>();
    List<YamlValue> items = list.items();
    if (list.isSequence() && items.isEmpty()) {
      list.problem("is empty; leave it out");
    }
    for (YamlValue item : items) {
      entry(item).ifPresent(entries::add);
    }
    return entries;
  }

  private Optional<ChartEntry> entry(YamlValue item) {
    YamlProperties entry =
        item.properties(
            "chart",
            "version",
            "newest",
            "values",
            "as",
            "target",
            "releaseName",
            "namespace",
            "kubeVersion",
            "apiVersions",
            "accept",
            "refuse");
    Optional<YamlValue> chart = entry.require("chart");
    Optional<ChartAddress> address = chart.flatMap(ChartEntryReader::address);
    String version =
        entry
            .find("version")
            .flatMap(value -> value.parsed(ChartEntryReader::version))
            .orElse(ANY_RELEASE);
    int newest = entry.find("newest").flatMap(value -> value.number(1, MAX_NEWEST)).orElse(1);
    List<Path> values = entry.find("values").map(this::values).orElse(List.of());
    ChartEntry.Release release =
        new ChartEntry.Release(
            entry.find("releaseName").flatMap(YamlValue::text),
            entry.find("namespace").flatMap(YamlValue::text).orElse("default"),
            entry.find("kubeVersion").flatMap(YamlValue::text),
            texts(entry, "apiVersions"));
    Set<ImageReference> accept = new HashSet<>();
    entry
        .find("accept")
        .ifPresent(
            list ->
                list.items()
                    .forEach(each -> each.parsed(ImageReference::parse).ifPresent(accept::add)));
    Map<ImageReference, String> refuse = new HashMap<>();
    entry.find("refuse").ifPresent(list -> list.items().forEach(each -> refusal(each, refuse)));
    if (chart.isEmpty() || address.isEmpty()) {
      return Optional.empty();
    }
    Optional<Repository> target = target(entry, chart.get(), address.get());
    return target.map(
        repository ->
            new ChartEntry(
                address.get(),
                version,
                newest,
                values,
                repository,
                release,
                accept,
                refuse,
                chart.get().where()));
  }

  private static Optional<ChartAddress> address(YamlValue chart) {
    if (!chart.isMapping()) {
      return chart.parsed(ChartAddress::ofRegistry);
    }
    YamlProperties parts = chart.properties("repository", "name");
    Optional<YamlValue> repository = parts.require("repository");
    Optional<String> name = parts.require("name").flatMap(YamlValue::text);
    return repository.flatMap(
        given ->
            name.flatMap(text -> given.parsed(address -> ChartAddress.ofIndex(address, text))));
  }

  private static String version(String text) {
    if (!ChartRange.isExact(text)) {
      var unused = ChartRange.parse(text);
    }
    return text;
  }

  private List<Path> values(YamlValue list) {
    List<Path> files = new ArrayList<>();
    for (YamlValue item : list.items()) {
      item.text()
          .ifPresent(
              text -> {
                Path file = directory.resolve(text).toAbsolutePath().normalize();
                if (Files.isRegularFile(file)) {
                  files.add(file);
                } else {
                  item.problem("names no file: %s".formatted(text));
                }
              });
    }
    return files;
  }

  private static List<String> texts(YamlProperties entry, String key) {
    List<String> texts = new ArrayList<>();
    entry
        .find(key)
        .ifPresent(list -> list.items().forEach(item -> item.text().ifPresent(texts::add)));
    return texts;
  }

  private static void refusal(YamlValue item, Map<ImageReference, String> refuse) {
    YamlProperties refusal = item.properties("image", "reason");
    Optional<ImageReference> image =
        refusal.require("image").flatMap(value -> value.parsed(ImageReference::parse));
    Optional<YamlValue> reason = refusal.require("reason");
    reason
        .filter(value -> value.text().filter(String::isBlank).isPresent())
        .ifPresent(value -> value.problem("is empty; a refusal must say why"));
    image.ifPresent(refused -> refuse.put(refused, reason.flatMap(YamlValue::text).orElse("")));
  }

  private Optional<Repository> target(YamlProperties entry, YamlValue chart, ChartAddress address) {
    if (entry.has("as") && entry.has("target")) {
      entry.find("as").ifPresent(value -> value.problem("cannot be given with target"));
      return Optional.empty();
    }
    Optional<YamlValue> given = entry.find("target").or(() -> entry.find("as"));
    Optional<Repository> target;
    if (entry.has("target")) {
      target = given.flatMap(value -> value.parsed(MirrorValues::prefix));
    } else if (around.isEmpty()) {
      chart.problem("has no target; give target: here or at the top of the file");
      return Optional.empty();
    } else {
      String below = "charts/" + address.name();
      target =
          given.isPresent()
              ? given.get().parsed(text -> below(around.get(), MirrorValues.name(text)))
              : plain(chart, below);
    }
    target.ifPresent(repository -> check(given.orElse(chart), address, repository));
    return target;
  }

  private Optional<Repository> plain(YamlValue chart, String below) {
    try {
      return around.map(repository -> below(repository, below));
    } catch (MalformedException e) {
      chart.problem("needs target: or as:, since its name is no repository's: " + e.getMessage());
      return Optional.empty();
    }
  }

  private static Repository below(Repository around, String path) {
    return new Repository(around.registry(), around.path() + "/" + path);
  }

  private void check(YamlValue given, ChartAddress address, Repository target) {
    String last = target.path().substring(target.path().lastIndexOf('/') + 1);
    if (!last.equals(address.name())) {
      given.problem(
          "ends in '%s'; helm finds a chart only where the last part is its name, '%s'"
              .formatted(last, address.name()));
    }
    if (target.equals(address.key())
        || around.filter(each -> each.contains(address.key())).isPresent()) {
      given.problem("lies inside the target; a mirror does not copy from itself");
    }
    String former = targets.putIfAbsent(target, given.where());
    if (former != null) {
      given.problem("ends at the same target %s as the entry at %s".formatted(target, former));
    }
  }
}
