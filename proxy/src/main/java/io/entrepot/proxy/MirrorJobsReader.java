package io.entrepot.proxy;

import io.entrepot.lock.LockFile;
import io.entrepot.proxy.schedule.Cron;
import io.entrepot.proxy.schedule.MirrorJob;
import io.entrepot.proxy.schedule.Timing;
import io.entrepot.text.TimeSpan;
import io.entrepot.yaml.YamlValue;
import io.entrepot.yaml.YamlValue.YamlProperties;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads {@code mirrors:} of a {@code proxy.yaml}. */
final class MirrorJobsReader {

  private final Path directory;

  /**
   * @param directory from which paths are followed
   */
  MirrorJobsReader(Path directory) {
    this.directory = directory;
  }

  List<MirrorJob> read(YamlValue list) {
    List<MirrorJob> jobs = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (YamlValue item : list.items()) {
      job(item)
          .ifPresent(
              job -> {
                if (!names.add(job.name())) {
                  item.problem(
                      "is called %s as another one is; give it a name: of its own"
                          .formatted(job.name()));
                }
                jobs.add(job);
              });
    }
    return jobs;
  }

  private Optional<MirrorJob> job(YamlValue item) {
    YamlProperties job =
        item.properties("file", "name", "every", "cron", "timezone", "lock", "onLock");
    Optional<Path> file = job.require("file").flatMap(YamlValue::text).map(this::path);
    Optional<Timing> timing = timing(item, job);
    List<String> onLock =
        job.find("onLock")
            .map(list -> list.items().stream().flatMap(each -> each.text().stream()).toList())
            .orElse(List.of());
    if (job.has("onLock") && onLock.isEmpty()) {
      job.find("onLock").ifPresent(value -> value.problem("names no program"));
    }
    if (file.isEmpty() || timing.isEmpty()) {
      return Optional.empty();
    }
    Path lock =
        job.find("lock")
            .flatMap(YamlValue::text)
            .map(this::path)
            .orElseGet(() -> file.get().resolveSibling(LockFile.USUAL_NAME));
    String name =
        job.find("name").flatMap(YamlValue::text).orElseGet(() -> MirrorJob.nameOf(file.get()));
    try {
      return Optional.of(new MirrorJob(name, file.get(), lock, timing.get(), onLock));
    } catch (IllegalArgumentException e) {
      item.problem(String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private static Optional<Timing> timing(YamlValue item, YamlProperties job) {
    if (job.has("every") == job.has("cron")) {
      item.problem("needs one of every and cron");
      return Optional.empty();
    }
    Optional<ZoneId> zone =
        job.find("timezone").flatMap(value -> value.parsed(MirrorJobsReader::zone));
    if (job.has("every")) {
      job.find("timezone")
          .ifPresent(value -> value.problem("is for cron; an interval is the same everywhere"));
      return job.find("every")
          .flatMap(value -> value.parsed(text -> new Timing.Every(TimeSpan.parse(text))));
    }
    if (job.has("timezone") && zone.isEmpty()) {
      return Optional.empty();
    }
    return job.find("cron")
        .flatMap(value -> value.parsed(Cron::parse))
        .map(cron -> new Timing.At(cron, zone.orElseGet(ZoneId::systemDefault)));
  }

  private static ZoneId zone(String text) {
    try {
      return ZoneId.of(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "not a time zone: '%s' (for example Europe/Berlin)".formatted(text), e);
    }
  }

  private Path path(String text) {
    return directory.resolve(text).normalize();
  }
}
