package io.entrepot.notify;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.Digest;
import io.entrepot.text.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Messages to one sink that were not delivered yet, on disk, in their order: at most {@value
 * #MAX_MESSAGES}, at most seven days old.
 */
final class Outbox {

  static final int MAX_MESSAGES = 1000;
  static final Duration MAX_AGE = Duration.ofDays(7);

  private static final int MAX_BYTES = 4 * 1024 * 1024;

  /** A file is called by the time of its message, and there may be so many in a millisecond. */
  private static final long PER_MILLISECOND = 1000;

  private final Path directory;

  private Outbox(Path directory) {
    this.directory = directory;
  }

  /**
   * The one of a sink.
   *
   * @param directory of all; a sink with another address has another one
   */
  static Outbox of(Path directory, Sink sink) {
    String kind = sink.label().replaceAll("[^a-z].*", "");
    return new Outbox(
        directory.resolve(kind + "-" + Digest.of(sink.identity().getBytes(UTF_8)).shortHex(16)));
  }

  /** Keeps a message until it is delivered. */
  void add(Message message, Instant now) throws IOException {
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    ObjectNode node = JsonMapper.shared().createObjectNode();
    node.put("path", message.path());
    ObjectNode headers = node.putObject("headers");
    message.headers().forEach(headers::put);
    node.put("body", message.body());
    List<Path> before = files();
    long last = before.isEmpty() ? 0 : number(before.getLast());
    long number = Math.max(last + 1, now.toEpochMilli() * PER_MILLISECOND);
    WholeFile.write(
        directory.resolve("%020d.json".formatted(number)),
        JsonMapper.shared().writeValueAsBytes(node));
  }

  /**
   * Drops what is too old, and the oldest of what is too much.
   *
   * @return how many were dropped
   */
  int trim(Instant now) throws IOException {
    List<Path> files = files();
    int dropped = 0;
    for (int i = 0; i < files.size(); i++) {
      boolean tooMany = files.size() - i > MAX_MESSAGES;
      Instant added = Instant.ofEpochMilli(number(files.get(i)) / PER_MILLISECOND);
      if (tooMany || added.isBefore(now.minus(MAX_AGE))) {
        Files.deleteIfExists(files.get(i));
        dropped++;
      }
    }
    return dropped;
  }

  /** What waits, the oldest first. */
  List<Path> files() throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> String.valueOf(file.getFileName()).matches("[0-9]{20}\\.json"))
          .sorted()
          .toList();
    }
  }

  /** A message; nothing where the file cannot be read. */
  Optional<Message> read(Path file) throws IOException {
    try {
      if (Files.size(file) > MAX_BYTES) {
        return Optional.empty();
      }
      JsonNode node = JsonMapper.shared().readTree(Files.readString(file, UTF_8));
      SortedMap<String, String> headers = new TreeMap<>();
      node.path("headers")
          .properties()
          .forEach(each -> headers.put(each.getKey(), each.getValue().asString("")));
      return Optional.of(
          new Message(node.path("path").asString(""), headers, node.path("body").asString("")));
    } catch (JacksonException | NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Ends the wait of a message. */
  void remove(Path file) throws IOException {
    Files.deleteIfExists(file);
  }

  private static long number(Path file) {
    return Long.parseLong(file.getFileName().toString().substring(0, 20));
  }
}
