package io.entrepot.pods;

import io.entrepot.concurrent.Parallel;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MalformedException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads what {@code kubectl get pods -A -o json} prints, as a stream: {@code kind: List} or {@code
 * PodList}, or one {@code Pod}; UTF-8, or UTF-16 with a mark.
 */
public final class PodListReader {

  private static final int AT_ONCE = 8;
  private static final int MAX_CONTAINERS = 5_000_000;
  private static final int MAX_WARNINGS = 100;

  /** Names that occur again and again in a list are kept once. */
  private final Map<String, String> names = new ConcurrentHashMap<>();

  private final Map<String, ImageReference> references = new ConcurrentHashMap<>();

  private PodListReader() {}

  /**
   * Reads lists, several at once, and gives them in their order.
   *
   * @throws PodListException for one that cannot be read, or is no list of pods
   */
  public static List<PodList> read(List<PodSource> sources) {
    PodListReader reader = new PodListReader();
    return Parallel.map(sources, new Semaphore(AT_ONCE), reader::read);
  }

  private PodList read(PodSource source) {
    try (InputStream bytes = new BufferedInputStream(source.opening().open(), 1 << 16);
        JsonParser parser = JsonMapper.shared().createParser(bytes)) {
      return new OneList(source, parser).read();
    } catch (JacksonException e) {
      throw new PodListException(
          "%s: not readable as JSON: %s (write it with: kubectl get pods -A -o json)"
              .formatted(source.title(), e.getOriginalMessage()),
          e);
    } catch (IOException e) {
      throw new PodListException("%s: %s".formatted(source.title(), e.getMessage()), e);
    }
  }

  private String kept(String text) {
    String known = names.putIfAbsent(text, text);
    return known == null ? text : known;
  }

  /** A container as the specification and the status say. */
  private static final class Parts {
    private @Nullable String image;
    private @Nullable String imageId;
  }

  /** One list while it is read. */
  private final class OneList {

    private final PodSource source;
    private final JsonParser parser;
    private final List<RunningContainer> containers = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private @Nullable String kind;
    private boolean items;
    private boolean complete = true;

    OneList(PodSource source, JsonParser parser) {
      this.source = source;
      this.parser = parser;
    }

    PodList read() {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw notAList("it is no JSON object");
      }
      OnePod single = new OnePod();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String key = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (key) {
          case "kind" -> kind = text(value);
          case "items" -> readItems(value);
          case "metadata" -> {
            single.metadata(value);
            complete &= single.continued == null || single.continued.isEmpty();
          }
          case "spec" -> single.spec(value);
          case "status" -> single.status(value);
          default -> parser.skipChildren();
        }
      }
      if ("Pod".equals(kind)) {
        single.finish();
      } else if (kind == null || !kind.endsWith("List") || !items) {
        throw notAList(kind == null ? "it has no kind" : "its kind is " + kind);
      }
      return new PodList(source.cluster(), containers, complete, warnings);
    }

    private PodListException notAList(String why) {
      return new PodListException(
          "%s: not a list of pods: %s (write it with: kubectl get pods -A -o json)"
              .formatted(source.title(), why),
          null);
    }

    private void readItems(JsonToken value) {
      items = true;
      if (value != JsonToken.START_ARRAY) {
        parser.skipChildren();
        return;
      }
      for (JsonToken each = parser.nextToken();
          each != JsonToken.END_ARRAY && each != null;
          each = parser.nextToken()) {
        if (each == JsonToken.START_OBJECT) {
          readItem();
        } else {
          parser.skipChildren();
          warn("an item that is no object");
        }
      }
    }

    private void readItem() {
      OnePod pod = new OnePod();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String key = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (key) {
          case "kind" -> pod.kind = text(value);
          case "metadata" -> pod.metadata(value);
          case "spec" -> pod.spec(value);
          case "status" -> pod.status(value);
          default -> parser.skipChildren();
        }
      }
      if (pod.kind == null || pod.kind.equals("Pod")) {
        pod.finish();
      }
    }

    private void warn(String what) {
      if (warnings.size() < MAX_WARNINGS) {
        warnings.add(source.title() + ": " + what);
      }
    }

    /** The value as text; null, with its content skipped, where it is none. */
    private @Nullable String text(JsonToken value) {
      if (value == JsonToken.VALUE_STRING) {
        return parser.getString();
      }
      parser.skipChildren();
      return null;
    }

    /** A pod while it is read. */
    private final class OnePod {

      private @Nullable String kind;
      private @Nullable String name;
      private @Nullable String namespace;
      private @Nullable String continued;
      private @Nullable String phase;
      private final Map<String, Parts> parts = new HashMap<>(4);

      void metadata(JsonToken value) {
        eachProperty(
            value,
            (key, token) -> {
              switch (key) {
                case "name" -> name = text(token);
                case "namespace" -> namespace = text(token);
                case "continue" -> continued = text(token);
                default -> parser.skipChildren();
              }
            });
      }

      void spec(JsonToken value) {
        eachProperty(
            value,
            (key, token) -> {
              switch (key) {
                case "containers", "initContainers", "ephemeralContainers" ->
                    containers(token, false);
                case "volumes" -> volumes(token);
                default -> parser.skipChildren();
              }
            });
      }

      void status(JsonToken value) {
        eachProperty(
            value,
            (key, token) -> {
              switch (key) {
                case "phase" -> phase = text(token);
                case "containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses" ->
                    containers(token, true);
                default -> parser.skipChildren();
              }
            });
      }

      private void containers(JsonToken value, boolean status) {
        eachObject(
            value,
            () -> {
              String container = null;
              String image = null;
              String imageId = null;
              while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String key = parser.currentName();
                JsonToken token = parser.nextToken();
                switch (key) {
                  case "name" -> container = text(token);
                  case "image" -> image = text(token);
                  case "imageID" -> imageId = text(token);
                  default -> parser.skipChildren();
                }
              }
              Parts part = parts.computeIfAbsent(String.valueOf(container), _ -> new Parts());
              if (status) {
                part.imageId = imageId;
              } else {
                part.image = image;
              }
            });
      }

      private void volumes(JsonToken value) {
        eachObject(
            value,
            () -> {
              String volume = null;
              Parts mounted = new Parts();
              while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String key = parser.currentName();
                JsonToken token = parser.nextToken();
                switch (key) {
                  case "name" -> volume = text(token);
                  case "image" -> reference(token, mounted);
                  default -> parser.skipChildren();
                }
              }
              if (mounted.image != null) {
                parts.put("volume " + volume, mounted);
              }
            });
      }

      private void reference(JsonToken value, Parts mounted) {
        eachProperty(
            value,
            (key, token) -> {
              String read = text(token);
              if (key.equals("reference")) {
                mounted.image = read;
              }
            });
      }

      /** Keeps its containers, unless the pod has finished. */
      void finish() {
        if ("Succeeded".equals(phase) || "Failed".equals(phase)) {
          return;
        }
        String in = kept(namespace == null ? "default" : namespace);
        String own = name == null ? "?" : name;
        parts.forEach(
            (container, part) -> {
              String image = part.image;
              if (image == null || image.isBlank()) {
                return;
              }
              if (containers.size() >= MAX_CONTAINERS) {
                throw notAList("more than %d containers run".formatted(MAX_CONTAINERS));
              }
              ImageReference reference = reference(image);
              if (reference == null) {
                warn("%s/%s, %s: not an image: %s".formatted(in, own, container, image));
                return;
              }
              ImageId id = ImageId.parse(part.imageId);
              containers.add(
                  new RunningContainer(
                      source.cluster(),
                      in,
                      own,
                      kept(container),
                      reference,
                      id.manifest(),
                      id.config()));
            });
      }

      private @Nullable ImageReference reference(String image) {
        ImageReference known = references.get(image);
        if (known == null) {
          try {
            known = ImageReference.parse(image.strip());
            references.put(image, known);
          } catch (MalformedException e) {
            return null;
          }
        }
        return known;
      }
    }

    private interface Property {
      void read(String key, JsonToken value);
    }

    private void eachProperty(JsonToken value, Property property) {
      if (value != JsonToken.START_OBJECT) {
        parser.skipChildren();
        return;
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String key = parser.currentName();
        property.read(key, parser.nextToken());
      }
    }

    private void eachObject(JsonToken value, Runnable object) {
      if (value != JsonToken.START_ARRAY) {
        parser.skipChildren();
        return;
      }
      for (JsonToken each = parser.nextToken();
          each != JsonToken.END_ARRAY && each != null;
          each = parser.nextToken()) {
        if (each == JsonToken.START_OBJECT) {
          object.run();
        } else {
          parser.skipChildren();
        }
      }
    }
  }

  /**
   * What a runtime says that it runs.
   *
   * @param manifest the digest of a manifest or list: {@code repository@sha256:…}, with {@code
   *     docker-pullable://} before it by dockershim
   * @param config the digest of a configuration, where nothing else is said: {@code sha256:…},
   *     {@code docker://sha256:…}
   */
  private record ImageId(@Nullable Digest manifest, @Nullable Digest config) {

    private static final ImageId NOTHING = new ImageId(null, null);

    static ImageId parse(@Nullable String text) {
      if (text == null || text.isBlank()) {
        return NOTHING;
      }
      String id = text.substring(text.indexOf("://") < 0 ? 0 : text.indexOf("://") + 3).strip();
      int at = id.lastIndexOf('@');
      try {
        return at >= 0
            ? new ImageId(Digest.parse(id.substring(at + 1)), null)
            : new ImageId(null, Digest.parse(id.indexOf(':') < 0 ? "sha256:" + id : id));
      } catch (MalformedException e) {
        return NOTHING;
      }
    }
  }
}
