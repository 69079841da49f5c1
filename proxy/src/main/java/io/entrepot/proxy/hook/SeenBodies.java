package io.entrepot.proxy.hook;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.Digest;
import io.entrepot.oci.MalformedException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Bodies that came within the last day, in a file: who has caught an event cannot send it again.
 * Blocks. Safe for any thread.
 */
final class SeenBodies {

  private static final Logger LOG = System.getLogger(SeenBodies.class.getName());

  private static final Duration MEMORY = Duration.ofDays(1);
  private static final int MOST = 100_000;

  private final Path file;
  private final Clock clock;
  private final Map<Digest, Instant> seen = new LinkedHashMap<>();
  private boolean read;

  SeenBodies(Path file, Clock clock) {
    this.file = file;
    this.clock = clock;
  }

  /** Notes a body; false where it came before. */
  synchronized boolean isNew(byte[] body) {
    if (!read) {
      read();
    }
    Instant now = clock.instant();
    seen.values().removeIf(time -> time.plus(MEMORY).isBefore(now));
    Digest digest = Digest.of(body);
    if (seen.putIfAbsent(digest, now) != null) {
      return false;
    }
    if (seen.size() > MOST) {
      seen.remove(seen.keySet().iterator().next());
    }
    try {
      Files.createDirectories(Objects.requireNonNull(file.getParent(), "a file in a directory"));
      Files.writeString(
          file,
          "%s %s\n".formatted(now, digest),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      LOG.log(Level.ERROR, "{0} is not written: {1}", file, e.getMessage());
    }
    return true;
  }

  /** Reads what is remembered, and writes it anew without what is old. */
  private void read() {
    read = true;
    Instant oldest = clock.instant().minus(MEMORY);
    List<String> kept = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(file, UTF_8)) {
        String[] words = line.split(" ", -1);
        try {
          if (words.length == 2 && Instant.parse(words[0]).isAfter(oldest)) {
            seen.put(Digest.parse(words[1]), Instant.parse(words[0]));
            kept.add(line);
          }
        } catch (DateTimeException | MalformedException e) {
          LOG.log(Level.DEBUG, "a line of {0} is cut", file);
        }
      }
      Path temporary = file.resolveSibling(file.getFileName() + ".new");
      Files.write(temporary, kept, UTF_8);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException e) {
      LOG.log(Level.DEBUG, "{0} begins now", file);
    } catch (IOException e) {
      LOG.log(Level.ERROR, "{0} cannot be read: {1}", file, e.getMessage());
    }
  }
}
