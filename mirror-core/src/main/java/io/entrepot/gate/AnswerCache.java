package io.entrepot.gate;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.gate.Inspection.Kind;
import io.entrepot.gate.Inspection.Present;
import io.entrepot.oci.Digest;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Platform;
import io.entrepot.oci.Repository;
import io.entrepot.text.WholeFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers about digests, which never change, one small file each. A file that cannot be read counts
 * as none; one that cannot be written is an error, since a full disk should be known.
 */
final class AnswerCache {

  private static final int MAX_BYTES = 256 * 1024;

  private final Path directory;

  AnswerCache(Path directory) {
    this.directory = directory;
  }

  Optional<Present> find(Repository repository, Digest digest) {
    Path file = file(repository, digest);
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > MAX_BYTES) {
        return Optional.empty();
      }
      return read(JsonMapper.shared().readTree(Files.readAllBytes(file)), repository, digest);
    } catch (NoSuchFileException | JacksonException | MalformedException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static Optional<Present> read(JsonNode root, Repository repository, Digest digest) {
    boolean same =
        root.path("repository").asString("").equals(repository.toString())
            && root.path("digest").asString("").equals(digest.toString());
    if (!same) {
      return Optional.empty();
    }
    Kind kind =
        switch (root.path("kind").asString("")) {
          case "list" -> Kind.LIST;
          case "single" -> Kind.SINGLE;
          case "artifact" -> Kind.ARTIFACT;
          default -> throw new MalformedException("not a kind");
        };
    List<Platform> platforms = new ArrayList<>();
    root.path("platforms").forEach(node -> platforms.add(Platform.parse(node.asString(""))));
    TreeMap<Platform, String> problems = new TreeMap<>();
    root.path("problems")
        .properties()
        .forEach(
            entry -> problems.put(Platform.parse(entry.getKey()), entry.getValue().asString("")));
    return Optional.of(new Present(digest, kind, platforms, problems));
  }

  void put(Repository repository, Present present) {
    ObjectNode root = JsonMapper.shared().createObjectNode();
    root.put("repository", repository.toString());
    root.put("digest", present.digest().toString());
    root.put(
        "kind",
        switch (present.kind()) {
          case LIST -> "list";
          case SINGLE -> "single";
          case ARTIFACT -> "artifact";
        });
    present.platforms().forEach(platform -> root.withArray("platforms").add(platform.toString()));
    ObjectNode problems = root.putObject("problems");
    present.problems().forEach((platform, why) -> problems.put(platform.toString(), why));
    Path file = file(repository, present.digest());
    try {
      WholeFile.write(file, JsonMapper.shared().writeValueAsBytes(root));
    } catch (IOException e) {
      throw new UncheckedIOException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private Path file(Repository repository, Digest digest) {
    String name = Digest.of((repository + "@" + digest).getBytes(UTF_8)).hex();
    return directory.resolve(name.substring(0, 2)).resolve(name + ".json");
  }
}
