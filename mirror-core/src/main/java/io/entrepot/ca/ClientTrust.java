package io.entrepot.ca;

import io.entrepot.oci.Digest;
import io.entrepot.text.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes clients of this machine trust the root, and takes that back. What a file was before, bytes
 * and mode, is kept beside the authority until then.
 */
public final class ClientTrust {

  private static final String JOURNAL = "journal.json";

  private final Path kept;
  private final Path root;

  /**
   * @param authority the authority's directory
   * @param root of the file system; files are written below it
   */
  public ClientTrust(Path authority, Path root) {
    this.kept = authority.resolve("trust");
    this.root = root.toAbsolutePath().normalize();
  }

  /**
   * What happens to a file, or would.
   *
   * @param problem why it does not; null where it does
   */
  public record Change(Path file, Kind kind, @Nullable String problem) {

    /** What happens. */
    public enum Kind {
      /** It is not there, and is written. */
      CREATED,
      /** It is there, and more is written into it. */
      EDITED,
      /** It has all that it needs. */
      UNCHANGED,
      /** It is as it was before the trust. */
      RESTORED,
      /** A person has to do it. */
      LEFT
    }
  }

  /** What is known of a file that was written. */
  private record Entry(
      String client,
      String path,
      @Nullable String mode,
      @Nullable String original,
      String written,
      List<String> directories) {}

  /**
   * Writes what makes clients trust the root.
   *
   * @param authorities {@code host:port} of the registry, as clients call it
   * @param dry whether nothing is written
   */
  public List<Change> trust(
      Collection<TrustingClient> clients, String pem, Collection<String> authorities, boolean dry) {
    return LocalAuthority.locked(
        kept,
        () -> {
          List<Entry> journal = new ArrayList<>(journal());
          List<Change> changes = new ArrayList<>();
          for (TrustingClient client : clients) {
            for (TrustedFile file : client.files(root, pem, authorities)) {
              changes.add(write(client, file, journal, dry));
            }
          }
          return changes;
        });
  }

  private Change write(TrustingClient client, TrustedFile file, List<Entry> journal, boolean dry)
      throws IOException {
    Path path = root.resolve(file.path());
    Optional<String> present = text(path);
    String wanted;
    try {
      wanted = file.content().with(present);
    } catch (CaException e) {
      return new Change(path, Change.Kind.LEFT, e.getMessage());
    }
    if (present.filter(wanted::equals).isPresent()) {
      return new Change(path, Change.Kind.UNCHANGED, null);
    }
    Change.Kind kind = present.isPresent() ? Change.Kind.EDITED : Change.Kind.CREATED;
    if (!dry) {
      remember(client, file.path(), path, wanted, journal);
      replace(path, wanted.getBytes(StandardCharsets.UTF_8), mode(path).orElse("rw-r--r--"));
    }
    return new Change(path, kind, null);
  }

  private void remember(
      TrustingClient client, String name, Path path, String wanted, List<Entry> journal)
      throws IOException {
    Optional<Entry> known = journal.stream().filter(each -> each.path().equals(name)).findFirst();
    List<String> made = new ArrayList<>(known.map(Entry::directories).orElse(List.of()));
    for (Path missing = path.getParent();
        missing != null && !Files.exists(missing);
        missing = missing.getParent()) {
      made.add(root.relativize(missing).toString());
    }
    String original = known.map(Entry::original).orElse(null);
    String mode = known.map(Entry::mode).orElse(null);
    if (known.isEmpty() && Files.exists(path)) {
      original =
          "original-"
              + Digest.of(path.toString().getBytes(StandardCharsets.UTF_8)).hex().substring(0, 16);
      Files.copy(path, kept.resolve(original), StandardCopyOption.REPLACE_EXISTING);
      mode = mode(path).orElse(null);
    }
    known.ifPresent(journal::remove);
    journal.add(
        new Entry(
            client.word(),
            name,
            mode,
            original,
            Digest.of(wanted.getBytes(StandardCharsets.UTF_8)).hex(),
            made));
    // Known before it is done: what was interrupted can be taken back.
    save(journal);
    Path parent = path.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
  }

  /**
   * Takes back what was written for clients, byte for byte.
   *
   * @param clients those, or all where empty
   */
  public List<Change> undo(Collection<TrustingClient> clients, boolean dry) {
    return LocalAuthority.locked(
        kept,
        () -> {
          List<String> words = clients.stream().map(TrustingClient::word).toList();
          List<Entry> journal = new ArrayList<>(journal());
          List<Change> changes = new ArrayList<>();
          for (Entry entry : List.copyOf(journal).reversed()) {
            if (words.isEmpty() || words.contains(entry.client())) {
              Change change = restore(entry, dry);
              changes.add(change);
              if (!dry && change.kind() == Change.Kind.RESTORED) {
                journal.remove(entry);
                save(journal);
              }
            }
          }
          return changes;
        });
  }

  private Change restore(Entry entry, boolean dry) throws IOException {
    Path path = root.resolve(entry.path());
    Optional<String> present = text(path);
    if (present.isPresent()
        && !Digest.of(present.get().getBytes(StandardCharsets.UTF_8))
            .hex()
            .equals(entry.written())) {
      return new Change(
          path,
          Change.Kind.LEFT,
          "it was changed since; take the root out of it by hand"
              + (entry.original() == null
                  ? ""
                  : ", it was like " + kept.resolve(entry.original()) + " before"));
    }
    if (dry) {
      return new Change(path, Change.Kind.RESTORED, null);
    }
    if (entry.original() == null) {
      Files.deleteIfExists(path);
      for (String directory : entry.directories()) {
        removeIfEmpty(root.resolve(directory));
      }
    } else {
      replace(
          path,
          Files.readAllBytes(kept.resolve(entry.original())),
          entry.mode() == null ? "rw-r--r--" : entry.mode());
      Files.deleteIfExists(kept.resolve(entry.original()));
    }
    return new Change(path, Change.Kind.RESTORED, null);
  }

  private static void removeIfEmpty(Path directory) throws IOException {
    try {
      Files.deleteIfExists(directory);
    } catch (DirectoryNotEmptyException e) {
      // Others have put something into it meanwhile, and keep it.
      return;
    }
  }

  private static void replace(Path path, byte[] bytes, String mode) throws IOException {
    // A link is followed: the file behind it is what the client reads.
    WholeFile.write(
        Files.exists(path) ? path.toRealPath() : path,
        bytes,
        PosixFilePermissions.fromString(mode));
  }

  private static Optional<String> text(Path path) throws IOException {
    try {
      return Optional.of(Files.readString(path, StandardCharsets.UTF_8));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> mode(Path path) throws IOException {
    return Files.exists(path)
        ? Optional.of(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        : Optional.empty();
  }

  // ---- the journal --------------------------------------------------------------------------

  private List<Entry> journal() throws IOException {
    Path file = kept.resolve(JOURNAL);
    if (!Files.exists(file)) {
      return List.of();
    }
    List<Entry> entries = new ArrayList<>();
    for (JsonNode node : JsonMapper.shared().readTree(Files.readString(file))) {
      // Another root of the file system is another machine's.
      if (node.path("root").asString("").equals(root.toString())) {
        entries.add(
            new Entry(
                node.path("client").asString(""),
                node.path("path").asString(""),
                optional(node, "mode"),
                optional(node, "original"),
                node.path("written").asString(""),
                directories(node)));
      }
    }
    return entries;
  }

  private static @Nullable String optional(JsonNode node, String key) {
    String text = node.path(key).asString("");
    return text.isEmpty() ? null : text;
  }

  private static List<String> directories(JsonNode node) {
    List<String> directories = new ArrayList<>();
    node.path("directories").forEach(each -> directories.add(each.asString("")));
    return directories;
  }

  private void save(List<Entry> entries) throws IOException {
    Path file = kept.resolve(JOURNAL);
    ArrayNode all = JsonMapper.shared().createArrayNode();
    if (Files.exists(file)) {
      for (JsonNode node : JsonMapper.shared().readTree(Files.readString(file))) {
        if (!node.path("root").asString("").equals(root.toString())) {
          all.add(node);
        }
      }
    }
    for (Entry entry : entries) {
      ObjectNode node = all.addObject();
      node.put("root", root.toString());
      node.put("client", entry.client());
      node.put("path", entry.path());
      node.put("mode", entry.mode());
      node.put("original", entry.original());
      node.put("written", entry.written());
      ArrayNode directories = node.putArray("directories");
      entry.directories().forEach(directories::add);
    }
    Files.writeString(file, JsonMapper.shared().writeValueAsString(all));
  }
}
