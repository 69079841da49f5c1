package io.entrepot.proxy.admission;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.Digest;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Repository;
import io.entrepot.trust.Evidence;
import io.entrepot.trust.SignerIdentity;
import io.entrepot.trust.Verdict;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Which digests were found signed as a policy demands: a file beside the store, one line for each,
 * so that a server that starts again need not ask registries again. Only good verdicts are kept,
 * and only those that do not end: an envelope of the Notary Project may expire. A line that cannot
 * be read counts as never written, and its digest is verified again.
 *
 * <p>Every method blocks. Safe for any thread. The file is read when somebody first asks.
 */
final class VerdictLedger {

  private static final Logger LOG = System.getLogger(VerdictLedger.class.getName());

  private static final String SIGNED = "signed";

  /** Lines that are kept; of more the older half is dropped. */
  static final int MOST = 200_000;

  /** A digest of a repository, and the fingerprint of the demand that it meets. */
  private record Entry(Digest demand, Repository repository, Digest digest) {
    String line() {
      return "%s %s %s %s\n".formatted(SIGNED, demand, repository, digest);
    }
  }

  private final Path file;
  private final Set<Entry> entries = new LinkedHashSet<>();
  private boolean read;

  /** A ledger in a file, which need not be there yet. */
  VerdictLedger(Path file) {
    this.file = file;
  }

  /** Whether a digest was found to meet a demand. */
  synchronized boolean holds(Digest demand, Repository repository, Digest digest) {
    open();
    return entries.contains(new Entry(demand, repository, digest));
  }

  /** Notes a good verdict. */
  synchronized void add(Digest demand, Repository repository, Digest digest, Verdict verdict) {
    if (!(verdict instanceof Verdict.Verified(var evidence))
        || evidence.isEmpty()
        || evidence.stream().anyMatch(VerdictLedger::mayExpire)) {
      return;
    }
    open();
    Entry entry = new Entry(demand, repository, digest);
    if (!entries.add(entry)) {
      return;
    }
    try {
      if (entries.size() > MOST) {
        dropOlder();
      } else {
        append(entry);
      }
    } catch (IOException e) {
      LOG.log(Level.ERROR, "{0} is not written: {1}", file, e.getMessage());
    }
  }

  private static boolean mayExpire(Evidence evidence) {
    return evidence.identity() instanceof SignerIdentity.OfCertificate;
  }

  private void open() {
    if (read) {
      return;
    }
    read = true;
    int bad = 0;
    try (var lines = Files.newBufferedReader(file, ISO_8859_1)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        bad += take(line.split(" ", -1)) ? 0 : 1;
      }
    } catch (NoSuchFileException e) {
      LOG.log(Level.DEBUG, "{0} begins now", file);
    } catch (IOException e) {
      LOG.log(
          Level.ERROR,
          "{0} cannot be read ({1}): signatures are verified again",
          file,
          e.getMessage());
    }
    if (bad > 0) {
      LOG.log(
          Level.ERROR,
          "{0}: {1} lines cannot be read; what they said is verified again",
          file,
          bad);
      try {
        rewrite();
      } catch (IOException e) {
        LOG.log(Level.ERROR, "{0} is not written anew: {1}", file, e.getMessage());
      }
    }
  }

  /** False for a line that says nothing; the last one is cut where the process was killed. */
  private boolean take(String[] words) {
    try {
      if (words.length == 4 && words[0].equals(SIGNED)) {
        entries.add(
            new Entry(Digest.parse(words[1]), Repository.parse(words[2]), Digest.parse(words[3])));
        return true;
      }
      return false;
    } catch (MalformedException e) {
      return false;
    }
  }

  private void append(Entry entry) throws IOException {
    Files.createDirectories(Objects.requireNonNull(file.getParent(), "a file in a directory"));
    Files.writeString(
        file, entry.line(), UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private void dropOlder() throws IOException {
    List<Entry> all = new ArrayList<>(entries);
    entries.clear();
    entries.addAll(all.subList(all.size() / 2, all.size()));
    rewrite();
  }

  private void rewrite() throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    Files.write(temporary, entries.stream().map(entry -> entry.line().strip()).toList(), UTF_8);
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
