package io.entrepot.proxy.page;

import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MalformedException;
import io.entrepot.proxy.schedule.MirrorJob;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Reports of scheduled mirrors: {@code mirrors/NAME/TIME.json} in the cache directory. */
public final class MirrorRuns {

  private static final Logger LOG = System.getLogger(MirrorRuns.class.getName());

  private static final Pattern NAME = Pattern.compile(MirrorJob.NAME);
  private static final String ENDING = ".json";
  private static final long MAX_BYTES = 16L << 20;
  private static final int MOST_RUNS = 1_000;

  private final Path directory;
  private final Set<String> configured;

  /**
   * @param directory of the reports; need not be there
   * @param configured names of mirrors that run here, be it later
   */
  public MirrorRuns(Path directory, Set<String> configured) {
    this.directory = directory;
    this.configured = Set.copyOf(configured);
  }

  /** Names of the mirrors that are configured or have ever run, in order. */
  public List<String> names() {
    Stream<String> known =
        entries(directory).stream()
            .filter(Files::isDirectory)
            .map(path -> path.getFileName().toString())
            .filter(NAME.asMatchPredicate());
    return Stream.concat(known, configured.stream()).distinct().sorted().toList();
  }

  /**
   * Runs of a mirror, the newest first; empty where there is no such mirror. What is read leaves
   * out images that may not be read, and of a report that cannot be understood the whole.
   */
  public Optional<List<ObjectNode>> of(String name, Predicate<String> readable) {
    boolean known =
        configured.contains(name)
            || (NAME.matcher(name).matches() && Files.isDirectory(directory.resolve(name)));
    if (!known) {
      return Optional.empty();
    }
    List<ObjectNode> runs = new ArrayList<>();
    entries(directory.resolve(name)).stream()
        .filter(path -> path.getFileName().toString().endsWith(ENDING))
        .sorted(Comparator.comparing((Path path) -> path.getFileName().toString()).reversed())
        .limit(MOST_RUNS)
        .forEach(path -> read(path, readable).ifPresent(runs::add));
    return Optional.of(runs);
  }

  /** A part of runs, the newest first; each goes by its {@code run}. */
  public static Page<ObjectNode> part(List<ObjectNode> runs, PageRequest request) {
    String last = request.last();
    List<ObjectNode> rest =
        runs.stream().filter(run -> last == null || key(run).compareTo(last) < 0).toList();
    return rest.size() <= request.size()
        ? new Page<>(rest, null)
        : new Page<>(rest.subList(0, request.size()), key(rest.get(request.size() - 1)));
  }

  private static String key(ObjectNode run) {
    return run.path("run").asString("");
  }

  private static List<Path> entries(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> list = Files.list(folder)) {
      return list.toList();
    } catch (IOException e) {
      LOG.log(Level.WARNING, "reports of mirrors cannot be listed: {0}", e.toString());
      return List.of();
    }
  }

  private static Optional<ObjectNode> read(Path file, Predicate<String> readable) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new IOException("longer than " + MAX_BYTES + " bytes");
      }
      if (JsonMapper.shared().readTree(Files.readAllBytes(file)) instanceof ObjectNode report) {
        String name = file.getFileName().toString();
        report.put("run", name.substring(0, name.length() - ENDING.length()));
        if (report.get("images") instanceof ArrayNode images) {
          report.set("images", readable(images, readable));
        }
        return Optional.of(report);
      }
      throw new IOException("not an object");
    } catch (IOException | JacksonException e) {
      LOG.log(Level.WARNING, "{0} is not a report of a mirror: {1}", file, e.getMessage());
      return Optional.empty();
    }
  }

  private static ArrayNode readable(ArrayNode images, Predicate<String> readable) {
    ArrayNode kept = JsonMapper.shared().createArrayNode();
    for (JsonNode image : images) {
      if (readable.test(repository(image.path("source").asString("")))) {
        kept.add(image);
      }
    }
    return kept;
  }

  /** The name under which clients find a source here. */
  private static String repository(String source) {
    try {
      ImageReference reference = ImageReference.parse(source);
      return reference.repository().toString();
    } catch (MalformedException e) {
      return source;
    }
  }
}
