package io.entrepot.mirror;

import io.entrepot.oci.Digest;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Platform;
import io.entrepot.text.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which manifest a client of each platform takes of lists that were read, so that a list is read
 * once a machine and not once a run. A digest's content never changes; a file that is lost or
 * cannot be understood costs one more request for each list, and nothing else.
 */
public final class ListMemory {

  private static final int MAX_LISTS = 4096;
  private static final int MAX_BYTES = 8 * 1024 * 1024;

  /** The oldest first. */
  private final SequencedMap<Digest, Map<Platform, Digest>> lists = new LinkedHashMap<>();

  private boolean changed;

  /** What a file remembers; nothing where it cannot be read. */
  public static ListMemory of(Path file) {
    ListMemory memory = new ListMemory();
    try {
      if (Files.isRegularFile(file) && Files.size(file) <= MAX_BYTES) {
        memory.read(JsonMapper.shared().readTree(Files.readAllBytes(file)));
      }
    } catch (IOException | JacksonException | MalformedException e) {
      // Half of it may be wrong; all of it can be had again.
      memory.lists.clear();
    }
    return memory;
  }

  private void read(JsonNode root) {
    for (Map.Entry<String, JsonNode> list : root.path("lists").properties()) {
      Map<Platform, Digest> entries = new TreeMap<>();
      list.getValue()
          .properties()
          .forEach(
              entry ->
                  entries.put(
                      Platform.parse(entry.getKey()), Digest.parse(entry.getValue().asString(""))));
      lists.put(Digest.parse(list.getKey()), entries);
    }
  }

  /** What clients of these platforms take; nothing where that is not known of each. */
  synchronized Optional<Map<Platform, Digest>> find(Digest list, Collection<Platform> platforms) {
    Map<Platform, Digest> known = lists.getOrDefault(list, Map.of());
    return known.keySet().containsAll(platforms)
        ? Optional.of(chosen(known, platforms))
        : Optional.empty();
  }

  private static Map<Platform, Digest> chosen(
      Map<Platform, Digest> known, Collection<Platform> platforms) {
    Map<Platform, Digest> chosen = new TreeMap<>(known);
    chosen.keySet().retainAll(platforms);
    return chosen;
  }

  synchronized void put(Digest list, Map<Platform, Digest> chosen) {
    Map<Platform, Digest> all = new TreeMap<>(chosen);
    Map<Platform, Digest> known = lists.remove(list);
    if (known != null) {
      all.putAll(known);
    }
    lists.put(list, all);
    while (lists.size() > MAX_LISTS) {
      lists.pollFirstEntry();
    }
    changed = true;
  }

  /**
   * Writes the file where there is something new, as a whole: another run that writes at the same
   * time leaves its own or ours.
   *
   * @throws IOException where it cannot be written
   */
  public synchronized void write(Path file) throws IOException {
    if (!changed) {
      return;
    }
    ObjectNode root = JsonMapper.shared().createObjectNode();
    ObjectNode all = root.putObject("lists");
    lists.forEach(
        (list, chosen) -> {
          ObjectNode entries = all.putObject(list.toString());
          chosen.forEach((platform, digest) -> entries.put(platform.toString(), digest.toString()));
        });
    WholeFile.write(file, JsonMapper.shared().writeValueAsBytes(root));
    changed = false;
  }
}
