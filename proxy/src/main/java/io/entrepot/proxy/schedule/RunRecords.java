package io.entrepot.proxy.schedule;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What came of the runs of mirrors: {@code NAME/TIME.json}, the newest fifty of each. Blocks. */
final class RunRecords {

  private static final Logger LOG = System.getLogger(RunRecords.class.getName());

  private static final int MOST = 50;
  private static final String ENDING = ".json";
  private static final String RUNNING = ".running";

  /** In the order of time when they are sorted as text. */
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final Path directory;

  RunRecords(Path directory) {
    this.directory = directory;
  }

  /** Notes that a run begins: a process that is killed then goes on with it. */
  void begin(MirrorJob job, Instant started) {
    try {
      Files.createDirectories(folder(job));
      Files.writeString(folder(job).resolve(RUNNING), started + "\n");
    } catch (IOException e) {
      LOG.log(Level.ERROR, "the run of {0} is not noted: {1}", job.name(), e.getMessage());
    }
  }

  /** Whether a run began and never came to its end. */
  boolean isInterrupted(MirrorJob job) {
    return Files.exists(folder(job).resolve(RUNNING));
  }

  /** Keeps what came of a run. */
  void keep(MirrorRun run) {
    ObjectNode record =
        switch (run.result()) {
          case RunResult.Done done -> done.report().deepCopy();
          case RunResult.Broken(var reason) -> broken(reason);
        };
    record.put("started", run.started().toString());
    record.put("ended", run.ended().toString());
    record.put("trigger", run.trigger().word());
    if (!run.handover().isEmpty()) {
      record.put("onLock", run.handover());
    }
    Path folder = folder(run.job());
    try {
      Files.createDirectories(folder);
      Path temporary = folder.resolve(".new");
      Files.write(temporary, JsonMapper.shared().writeValueAsBytes(record));
      Files.move(
          temporary,
          folder.resolve(NAME.format(run.started()) + ENDING),
          StandardCopyOption.ATOMIC_MOVE);
      boolean stopped = run.result() instanceof RunResult.Done done && done.stopped();
      if (!stopped) {
        Files.deleteIfExists(folder.resolve(RUNNING));
      }
      List<Path> all = newestFirst(folder);
      for (Path old : all.subList(Math.min(MOST, all.size()), all.size())) {
        Files.delete(old);
      }
    } catch (IOException e) {
      LOG.log(Level.ERROR, "the run of {0} is not kept: {1}", run.job().name(), e.getMessage());
    }
  }

  private static ObjectNode broken(String reason) {
    ObjectNode record = JsonMapper.shared().createObjectNode();
    record.putArray("images");
    record.putObject("requests");
    record.putObject("pulls");
    return record.put("error", reason);
  }

  /** When the last whole run began; those that looked at one entry do not count. */
  Optional<Instant> last(MirrorJob job) {
    for (Path file : newestFirst(folder(job))) {
      try {
        JsonNode record = JsonMapper.shared().readTree(Files.readAllBytes(file));
        if (!record.path("trigger").asString("").equals(Trigger.HOOK.word())) {
          return Optional.of(Instant.parse(record.path("started").asString("")));
        }
      } catch (IOException | JacksonException | DateTimeException e) {
        LOG.log(Level.WARNING, "{0} is no record of a run: {1}", file, e.getMessage());
      }
    }
    return Optional.empty();
  }

  /** Whether the program that gets the lock failed after the last run. */
  boolean isUnhanded(MirrorJob job) {
    List<Path> files = newestFirst(folder(job));
    try {
      return !files.isEmpty()
          && JsonMapper.shared().readTree(Files.readAllBytes(files.getFirst())).has("onLock");
    } catch (IOException | JacksonException e) {
      return false;
    }
  }

  private Path folder(MirrorJob job) {
    return directory.resolve(job.name());
  }

  private static List<Path> newestFirst(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith(ENDING))
          .sorted(Comparator.comparing((Path file) -> file.getFileName().toString()).reversed())
          .toList();
    } catch (IOException e) {
      LOG.log(Level.WARNING, "{0} cannot be listed: {1}", folder, e.getMessage());
      return List.of();
    }
  }
}
