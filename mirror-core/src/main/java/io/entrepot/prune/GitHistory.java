package io.entrepot.prune;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.lock.LockedImage;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Repository;
import io.entrepot.prune.Git.GitException;
import io.entrepot.yaml.ConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a lock's git repository pins: every file at the heads of all branches and at younger tags,
 * and every lock that was in force at any moment since a point in time.
 */
final class GitHistory {

  /** A commit with the locks in it, by path. */
  private record Commit(Instant time, List<String> parents) {}

  /**
   * A lock as it was.
   *
   * @param copies by repository of the target; empty where its text is not understood
   * @param digests in its text
   */
  private record Lock(Map<Repository, Set<Digest>> copies, Set<Digest> digests) {
    static final Lock NONE = new Lock(Map.of(), Set.of());
  }

  private final Git git;
  private final Marks marks;
  private final Repository target;
  private final Instant since;
  private final Map<String, Lock> locks = new HashMap<>();

  private GitHistory(Git git, Marks marks, Repository target, Instant since) {
    this.git = git;
    this.marks = marks;
    this.target = target;
    this.since = since;
  }

  /**
   * Adds what the repository pins to {@code marks}; what cannot be read is noted there.
   *
   * @param lock a file in a working tree
   * @return the root of the working tree, or the lock's directory where there is none
   */
  static Path mark(Path lock, Marks marks, Repository target, Instant since) {
    Path directory = lock.toAbsolutePath().normalize().getParent();
    Path at = directory == null ? lock : directory;
    try {
      Path top = Path.of(new Git(at).text("rev-parse", "--show-toplevel").strip());
      GitHistory history = new GitHistory(new Git(top), marks, target, since);
      Path real = lock.toRealPath();
      history.read(top.toRealPath().relativize(real).toString().replace('\\', '/'));
      return top;
    } catch (GitException e) {
      marks.unseen("the history of " + lock, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      marks.unseen("the history of " + lock, "cannot be read: " + e.getMessage());
    }
    return at;
  }

  private void read(String lock) throws GitException {
    if (git.text("rev-parse", "--is-shallow-repository").strip().equals("true")) {
      marks.unseen(
          "the history of " + lock, "the clone is shallow; fetch the rest: git fetch --unshallow");
      return;
    }
    List<String> partial =
        git.found(
            "config",
            "--get-regexp",
            "^(remote\\..*\\.(promisor|partialclonefilter)|extensions\\.partialclone)$");
    if (!partial.isEmpty()) {
      marks.unseen("the history of " + lock, "the clone is partial; clone the repository whole");
      return;
    }
    Map<String, Commit> commits = commits();
    revisions(commits);
    locks(commits, lock);
  }

  /** Every commit that any branch, tag or the working tree leads to. */
  private Map<String, Commit> commits() throws GitException {
    Map<String, Commit> commits = new LinkedHashMap<>();
    for (String line :
        git.text("log", "--all", "--format=%ct %H %P", "HEAD", "--").lines().toList()) {
      String[] words = line.strip().split(" +");
      commits.put(
          words[1],
          new Commit(
              Instant.ofEpochSecond(Long.parseLong(words[0])),
              List.of(words).subList(2, words.length)));
    }
    return commits;
  }

  /** Heads at any age, and tags by their commit. */
  private void revisions(Map<String, Commit> commits) throws GitException {
    Map<String, String> counted = new LinkedHashMap<>();
    counted.put(git.text("rev-parse", "HEAD").strip(), "HEAD");
    String format = "--format=%(refname) %(objectname) %(objecttype) %(*objectname) %(*objecttype)";
    for (String line :
        git.text("for-each-ref", format, "refs/heads", "refs/remotes", "refs/tags")
            .lines()
            .toList()) {
      String[] words = line.split(" ", -1);
      boolean annotated = words.length >= 5 && words[4].equals("commit");
      if (!annotated && !words[2].equals("commit")) {
        continue;
      }
      String id = annotated ? words[3] : words[1];
      Commit commit = commits.get(id);
      boolean tag = words[0].startsWith("refs/tags/");
      if (!tag || commit == null || !commit.time().isBefore(since)) {
        counted.putIfAbsent(id, words[0].replaceFirst("^refs/(?:heads|remotes|tags)/", ""));
      }
    }
    for (Map.Entry<String, String> each : counted.entrySet()) {
      DigestScan scan =
          new DigestScan(
              target,
              digest -> marks.mark(digest, each.getValue() + " pins it"),
              tag -> marks.mark(tag, each.getValue() + " names it"));
      git.found(
              "grep",
              "-a",
              "-h",
              "-o",
              "-E",
              "-e",
              DigestScan.DIGEST,
              "-e",
              DigestScan.tags(target),
              each.getKey(),
              "--")
          .forEach(scan::scan);
    }
  }

  private void locks(Map<String, Commit> commits, String lock) throws GitException {
    Map<String, Set<String>> blobs = blobs(commits, paths(lock));
    read(new TreeSet<>(blobs.values().stream().flatMap(Set::stream).toList()));
    for (Map.Entry<String, Commit> each : commits.entrySet()) {
      Set<String> now = blobs.getOrDefault(each.getKey(), Set.of());
      now.forEach(blob -> held(locks.getOrDefault(blob, Lock.NONE)));
      Instant time = each.getValue().time();
      if (!time.isBefore(since)) {
        now.forEach(blob -> mark(blob, "a lock of %s holds it".formatted(time)));
      }
      for (String parent : each.getValue().parents()) {
        Set<String> before = new TreeSet<>(blobs.getOrDefault(parent, Set.of()));
        before.removeAll(now);
        for (String blob : before) {
          left(locks.getOrDefault(blob, Lock.NONE), now, time);
          if (!time.isBefore(since)) {
            mark(blob, "a lock held it until " + time);
          }
        }
      }
    }
  }

  private void held(Lock lock) {
    lock.copies().forEach((repository, digests) -> digests.forEach(d -> marks.held(repository, d)));
  }

  private void mark(String blob, String why) {
    locks.getOrDefault(blob, Lock.NONE).digests().forEach(digest -> marks.mark(digest, why));
  }

  /** What a lock held that none of its successors in the same commit holds. */
  private void left(Lock before, Set<String> now, Instant time) {
    Set<Digest> still = new HashSet<>();
    now.forEach(blob -> still.addAll(locks.getOrDefault(blob, Lock.NONE).digests()));
    before
        .copies()
        .forEach(
            (repository, digests) ->
                digests.stream()
                    .filter(digest -> !still.contains(digest))
                    .forEach(digest -> marks.left(repository, digest, time)));
  }

  /** The paths at which the lock, or one of its name, ever lay. */
  private Set<String> paths(String lock) throws GitException {
    String name = lock.substring(lock.lastIndexOf('/') + 1);
    Set<String> paths = new LinkedHashSet<>(Set.of(lock));
    paths.addAll(
        git.text(
                "log",
                "--all",
                "--full-history",
                "-m",
                "--format=",
                "--name-only",
                "HEAD",
                "--",
                ":(top,glob)**/" + name)
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .toList());
    return paths;
  }

  /** The locks in each commit. */
  private Map<String, Set<String>> blobs(Map<String, Commit> commits, Set<String> paths)
      throws GitException {
    List<String> asked = new ArrayList<>();
    StringBuilder input = new StringBuilder();
    for (String commit : commits.keySet()) {
      for (String path : paths) {
        asked.add(commit);
        input.append(commit).append(':').append(path).append('\n');
      }
    }
    List<String> answers =
        git.withInput(
            input.toString(),
            output -> new String(output.readAllBytes(), UTF_8).lines().toList(),
            "cat-file",
            "--batch-check=%(objectname) %(objecttype)");
    if (answers.size() != asked.size()) {
      throw new GitException(
          "git cat-file answered %d of %d".formatted(answers.size(), asked.size()));
    }
    Map<String, Set<String>> blobs = new HashMap<>();
    for (int i = 0; i < asked.size(); i++) {
      if (answers.get(i).endsWith(" blob")) {
        blobs
            .computeIfAbsent(asked.get(i), _ -> new TreeSet<>())
            .add(answers.get(i).substring(0, answers.get(i).indexOf(' ')));
      }
    }
    return blobs;
  }

  private void read(Set<String> blobs) throws GitException {
    List<String> order = List.copyOf(blobs);
    git.withInput(
        String.join("\n", order) + (order.isEmpty() ? "" : "\n"),
        output -> {
          for (String blob : order) {
            locks.put(blob, lock(blob, output));
          }
          return order.size();
        },
        "cat-file",
        "--batch");
  }

  private Lock lock(String blob, InputStream output) throws IOException {
    StringBuilder header = new StringBuilder();
    for (int c = output.read(); c != '\n' && c >= 0; c = output.read()) {
      header.append((char) c);
    }
    String[] words = header.toString().split(" ", -1);
    if (words.length != 3 || !words[1].equals("blob")) {
      marks.unseen("the lock " + blob, "git cannot read it: " + header);
      return Lock.NONE;
    }
    String text = new String(output.readNBytes(Integer.parseInt(words[2])), UTF_8);
    output.skipNBytes(1);
    Set<Digest> digests = new TreeSet<>();
    new DigestScan(target, digests::add, tag -> {}).scan(text);
    return new Lock(copies(text), digests);
  }

  /** Where the copies of a lock lie; nothing where its text is not understood. */
  static Map<Repository, Set<Digest>> copies(String text) {
    Map<Repository, Set<Digest>> copies = new HashMap<>();
    try {
      LockFile lock = LockFileCodec.parse(LockFile.USUAL_NAME, text);
      for (LockedImage image : lock.images().values()) {
        copies
            .computeIfAbsent(image.target().repository(), _ -> new TreeSet<>())
            .add(image.digestAtTarget());
      }
    } catch (ConfigException e) {
      return Map.of();
    }
    return copies;
  }
}
