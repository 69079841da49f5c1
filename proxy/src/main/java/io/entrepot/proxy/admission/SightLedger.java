package io.entrepot.proxy.admission;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Repository;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * When each digest was first seen at its source, and what each tag has meant: a file beside the
 * store, one line for each, added when it is learned. A sight is never made later. A line that
 * cannot be read counts as never written, so its digest is as young as if it were seen now.
 *
 * <p>Every method blocks. Safe for any thread. The file is read when somebody first asks.
 */
final class SightLedger {

  private static final Logger LOG = System.getLogger(SightLedger.class.getName());

  private static final String SEEN = "seen";
  private static final String TAG = "tag";

  /** A tag that a source leaves sooner has been taken back, however long images must wait. */
  private static final Duration MOST_HASTE = Duration.ofHours(12);

  /** Lines that may be out of date before the file is written anew at the start. */
  private static final int OLD_LINES = 10_000;

  private record Content(Repository repository, Digest digest) {}

  private final Path file;
  private final Map<Content, Instant> sights = new HashMap<>();
  private final Map<ImageReference, TagHistory> tags = new HashMap<>();
  private Instant latest = Instant.MIN;
  private boolean read;
  private @Nullable FileChannel channel;

  /** A ledger in a file, which need not be there yet. */
  SightLedger(Path file) {
    this.file = file;
  }

  /**
   * The first sight of a digest. What was never seen is seen now, or was when it came into the
   * store; a clock that was set back makes nothing older.
   *
   * @param elsewhere what others have written down, such as a lock file; the earlier counts
   * @param kept when the store got it
   */
  synchronized Instant seen(
      Repository repository,
      Digest digest,
      Optional<Instant> elsewhere,
      Supplier<Optional<Instant>> kept,
      Instant now) {
    open();
    Content content = new Content(repository, digest);
    Instant known = sights.get(content);
    Instant mine =
        known == null
            ? kept.get().filter(now::isAfter).orElse(now.isBefore(latest) ? latest : now)
            : known;
    Instant earliest = elsewhere.filter(mine::isAfter).orElse(mine).truncatedTo(ChronoUnit.SECONDS);
    if (!earliest.equals(known)) {
      enter(content, earliest);
      add(line(content, earliest));
    }
    return earliest;
  }

  /**
   * Notes what a tag means, and gives what it may be answered with.
   *
   * @param held what it meant so far where nothing is written down, or null
   * @param minAge of the repository: what is younger and is left within a quarter of it, at most 12
   *     hours, has been taken back
   * @return newest first; never empty
   */
  synchronized List<Digest> meant(
      ImageReference tag, @Nullable Digest held, Digest offered, Duration minAge, Instant now) {
    open();
    TagHistory before = tags.getOrDefault(tag, TagHistory.NONE);
    TagHistory begun =
        before.meanings().isEmpty() && held != null
            ? before.then(held, Instant.EPOCH, meaning -> false)
            : before;
    Duration quarter = minAge.dividedBy(4);
    Duration haste = quarter.compareTo(MOST_HASTE) < 0 ? quarter : MOST_HASTE;
    TagHistory after =
        begun.then(
            offered,
            now.truncatedTo(ChronoUnit.SECONDS),
            left -> {
              Instant seen = sights.get(new Content(tag.repository(), left.digest()));
              boolean waits = seen == null || now.isBefore(seen.plus(minAge));
              return waits && now.isBefore(left.since().plus(haste));
            });
    if (!after.equals(before)) {
      tags.put(tag, after);
      add(line(tag, after));
    }
    return after.newestFirst();
  }

  private void enter(Content content, Instant time) {
    sights.merge(content, time, (one, other) -> one.isBefore(other) ? one : other);
    latest = time.isAfter(latest) ? time : latest;
  }

  private static String line(Content content, Instant time) {
    return "%s %s %s %s\n".formatted(SEEN, time, content.repository(), content.digest());
  }

  private static String line(ImageReference tag, TagHistory history) {
    StringBuilder line = new StringBuilder(TAG).append(' ').append(tag);
    history
        .meanings()
        .forEach(each -> line.append(' ').append(each.digest()).append(' ').append(each.since()));
    return line.append('\n').toString();
  }

  // ---------------------------------------------------------------- the file

  private void open() {
    if (read) {
      return;
    }
    read = true;
    int lines = 0;
    List<Integer> bad = new ArrayList<>();
    try (var all = Files.newBufferedReader(file, ISO_8859_1)) {
      for (String line = all.readLine(); line != null; line = all.readLine()) {
        lines++;
        if (!take(line.split(" ", -1))) {
          bad.add(lines);
        }
      }
    } catch (NoSuchFileException e) {
      LOG.log(Level.DEBUG, "{0} begins now", file);
    } catch (IOException e) {
      LOG.log(
          Level.ERROR,
          "{0} cannot be read ({1}): what it knew of ages is lost, and digests wait anew",
          file,
          e.getMessage());
    }
    if (!bad.isEmpty()) {
      LOG.log(
          Level.ERROR,
          "{0}: {1} lines cannot be read, the first is line {2}; what they said counts as never seen",
          file,
          bad.size(),
          bad.getFirst());
    }
    if (!bad.isEmpty() || lines > sights.size() + tags.size() + OLD_LINES) {
      rewrite();
    }
  }

  /** False for a line that says nothing; the last one is cut where the process was killed. */
  private boolean take(String[] words) {
    try {
      if (words.length == 4 && words[0].equals(SEEN)) {
        enter(
            new Content(Repository.parse(words[2]), Digest.parse(words[3])),
            Instant.parse(words[1]));
        return true;
      }
      if (words.length >= 4 && words.length % 2 == 0 && words[0].equals(TAG)) {
        List<TagHistory.Meaning> meanings = new ArrayList<>();
        for (int i = 2; i < words.length; i += 2) {
          meanings.add(new TagHistory.Meaning(Digest.parse(words[i]), Instant.parse(words[i + 1])));
        }
        tags.put(ImageReference.parse(words[1]), new TagHistory(meanings));
        return true;
      }
      return false;
    } catch (MalformedException | DateTimeException e) {
      return false;
    }
  }

  private void rewrite() {
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    try {
      try (FileChannel out =
              FileChannel.open(
                  temporary,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.TRUNCATE_EXISTING,
                  StandardOpenOption.WRITE);
          OutputStream bytes = new BufferedOutputStream(Channels.newOutputStream(out))) {
        for (Map.Entry<Content, Instant> each : sights.entrySet()) {
          bytes.write(line(each.getKey(), each.getValue()).getBytes(UTF_8));
        }
        for (Map.Entry<ImageReference, TagHistory> each : tags.entrySet()) {
          bytes.write(line(each.getKey(), each.getValue()).getBytes(UTF_8));
        }
        bytes.flush();
        out.force(true);
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      LOG.log(Level.ERROR, "{0} is not written anew: {1}", file, e.getMessage());
    }
  }

  private void add(String line) {
    try {
      FileChannel out = channel == null || !channel.isOpen() ? append() : channel;
      ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(UTF_8));
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(false);
    } catch (IOException e) {
      // What waits then waits longer after a restart, never shorter.
      LOG.log(Level.ERROR, "{0} is not written: {1}", file, e.getMessage());
    }
  }

  private FileChannel append() throws IOException {
    Files.createDirectories(Objects.requireNonNull(file.getParent(), "a file in a directory"));
    FileChannel opened =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    long end = opened.size();
    ByteBuffer last = ByteBuffer.allocate(1);
    // A process that was killed may have left half a line.
    if (end > 0 && opened.read(last, end - 1) == 1 && last.get(0) != '\n') {
      opened.write(ByteBuffer.wrap(new byte[] {'\n'}), end);
      end++;
    }
    opened.position(end);
    channel = opened;
    return opened;
  }

  /** Lets go of the file. */
  synchronized void close() {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      LOG.log(Level.WARNING, "{0}: {1}", file, e.getMessage());
    }
  }
}
