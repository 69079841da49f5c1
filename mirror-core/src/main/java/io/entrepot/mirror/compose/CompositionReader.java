package io.entrepot.mirror.compose;

import io.entrepot.mirror.compose.Composition.Addition;
import io.entrepot.mirror.compose.Composition.ConfigChanges;
import io.entrepot.oci.ImageReference;
import io.entrepot.yaml.YamlValue;
import io.entrepot.yaml.YamlValue.YamlProperties;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads {@code compose:} of a mirror.yaml, strictly. */
public final class CompositionReader {

  private final Path directory;

  /**
   * @param directory from which local files are followed
   */
  public CompositionReader(Path directory) {
    this.directory = directory;
  }

  /** The composition; empty where something is wrong, which is told. */
  public Optional<Composition> read(YamlValue value) {
    YamlProperties compose = value.properties("base", "add", "config");
    Optional<ImageReference> base =
        compose
            .require("base")
            .flatMap(text -> text.parsed(ImageReference::parse))
            .map(ImageReference::orLatest);
    List<Addition> additions = new ArrayList<>();
    List<YamlValue> listed = compose.require("add").map(YamlValue::items).orElse(List.of());
    listed.forEach(item -> addition(item).ifPresent(additions::add));
    ConfigChanges changes =
        compose.find("config").map(CompositionReader::changes).orElseGet(ConfigChanges::none);
    if (listed.isEmpty()) {
      compose.find("add").ifPresent(list -> list.problem("adds nothing; copy the base instead"));
    }
    return additions.size() == listed.size() && !listed.isEmpty()
        ? base.map(image -> new Composition(image, additions, changes))
        : Optional.empty();
  }

  private Optional<Addition> addition(YamlValue item) {
    YamlProperties add = item.properties("image", "path", "file", "to", "mode");
    Optional<String> to = add.require("to").flatMap(text -> text.parsed(CompositionReader::path));
    if (add.has("image") == add.has("file")) {
      item.problem("needs one of image and file");
      return Optional.empty();
    }
    if (add.has("image")) {
      add.find("mode").ifPresent(mode -> mode.problem("is for files; an image's keep theirs"));
      Optional<ImageReference> image =
          add.find("image")
              .flatMap(text -> text.parsed(ImageReference::parse))
              .map(ImageReference::orLatest);
      Optional<String> path =
          add.require("path").flatMap(text -> text.parsed(CompositionReader::path));
      return image.flatMap(
          from ->
              path.flatMap(
                  what ->
                      to.map(
                          where -> new Composition.FromImage(from, what, where, item.position()))));
    }
    add.find("path").ifPresent(path -> path.problem("belongs to image"));
    OptionalInt mode =
        add.find("mode")
            .flatMap(text -> text.parsed(CompositionReader::mode))
            .map(OptionalInt::of)
            .orElse(OptionalInt.empty());
    Optional<Path> file = add.find("file").flatMap(this::file);
    return file.flatMap(
        local -> to.map(where -> new Composition.FromFile(local, where, mode, item.position())));
  }

  private Optional<Path> file(YamlValue value) {
    return value.parsed(
        text -> {
          Path file = directory.resolve(text).normalize();
          if (!Files.exists(file)) {
            throw new IllegalArgumentException("there is no file " + file);
          }
          return file;
        });
  }

  private static ConfigChanges changes(YamlValue value) {
    YamlProperties config =
        value.properties("user", "entrypoint", "cmd", "env", "workdir", "labels");
    return new ConfigChanges(
        config.find("user").flatMap(YamlValue::text),
        config.find("entrypoint").map(CompositionReader::texts),
        config.find("cmd").map(CompositionReader::texts),
        config.find("env").map(CompositionReader::assignments).orElse(List.of()),
        config.find("workdir").flatMap(text -> text.parsed(CompositionReader::path)),
        config.find("labels").map(CompositionReader::assignments).orElse(List.of()));
  }

  private static List<String> texts(YamlValue list) {
    List<String> texts = new ArrayList<>();
    list.items().forEach(item -> item.text().ifPresent(texts::add));
    return texts;
  }

  private static List<String> assignments(YamlValue map) {
    List<String> all = new ArrayList<>();
    map.eachProperty(
        (key, value) -> {
          if (key.text().isEmpty() || key.text().indexOf('=') >= 0) {
            key.problem("is no name");
          }
          value.text().ifPresent(text -> all.add(key.text() + "=" + text));
        });
    return all;
  }

  /** An absolute path inside an image. */
  private static String path(String text) {
    if (!text.startsWith("/")) {
      throw new IllegalArgumentException("'%s' does not begin with a slash".formatted(text));
    }
    for (String part : text.split("/", -1)) {
      if (part.equals("..")) {
        throw new IllegalArgumentException("'%s' climbs".formatted(text));
      }
      if (part.startsWith(".wh.")) {
        throw new IllegalArgumentException(
            "'%s' would take something away: names with .wh. are not added".formatted(text));
      }
    }
    return text;
  }

  private static int mode(String text) {
    if (!text.matches("[0-7]{3,4}")) {
      throw new IllegalArgumentException(
          "not permissions: '%s' (for example 0755)".formatted(text));
    }
    return Integer.parseInt(text, 8);
  }
}
