package io.entrepot.lock;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import io.entrepot.yaml.YamlDocument;
import io.entrepot.yaml.YamlKey;
import io.entrepot.yaml.YamlValue;
import io.entrepot.yaml.YamlValue.YamlProperties;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads a lock file strictly: every mistake is reported with its line, all together. */
final class LockReader {

  private final SortedMap<ImageReference, LockedImage> images = new TreeMap<>();
  private final SortedMap<ImageReference, AwaitedImage> awaited = new TreeMap<>();
  private final Map<ImageReference, Located> byTarget = new HashMap<>();

  private LockReader() {}

  /**
   * Reads a document.
   *
   * @throws io.entrepot.yaml.ConfigException with everything that is wrong
   */
  static LockFile read(YamlDocument document) {
    LockReader reader = new LockReader();
    reader.root(document.root().properties("version", "images"));
    document.finish();
    return LockFile.of(reader.images, reader.awaited);
  }

  private void root(YamlProperties properties) {
    properties
        .require("version")
        .ifPresent(
            version -> {
              if (version
                  .number(0, Integer.MAX_VALUE)
                  .filter(n -> n != LockFile.VERSION)
                  .isPresent()) {
                version.problem(
                    "a version this program does not know; it reads %d"
                        .formatted(LockFile.VERSION));
              }
            });
    properties
        .require("images")
        .ifPresent(
            all ->
                all.eachProperty(
                    (key, value) -> source(key).ifPresent(source -> image(source, key, value))));
  }

  private record Located(int line, Digest digest) {}

  // Several single-architecture sources of one assembled list do share a target and its digest.
  private void checkTarget(YamlKey key, YamlValue value, LockedImage image) {
    Located former =
        byTarget.putIfAbsent(image.target(), new Located(key.line(), image.digestAtTarget()));
    if (former != null && !former.digest().equals(image.digestAtTarget())) {
      value.problem(
          "has the target %s of line %d with another digest"
              .formatted(image.target(), former.line()));
    }
  }

  private static Optional<ImageReference> source(YamlKey key) {
    return key.parsed(
        text -> {
          ImageReference source = canonical(text);
          LockFile.checkKey(source);
          return source;
        });
  }

  private void image(ImageReference source, YamlKey key, YamlValue value) {
    YamlProperties properties =
        value.properties(
            "digest",
            "targetDigest",
            "target",
            "platforms",
            "firstSeen",
            "waiting",
            "signedBy",
            "judged",
            "denied",
            "from",
            "recipe",
            "diffIDs",
            "layers",
            "charts");
    if (properties.has("waiting") && !properties.has("digest")) {
      awaited(source, properties);
      return;
    }
    Digest digest = digest(properties.require("digest"));
    Digest targetDigest = digest(properties.find("targetDigest"));
    ImageReference target = target(properties.require("target"));
    List<Platform> platforms = platforms(properties.require("platforms"));
    LockedTrust trust = trust(properties);
    LockedOrigin origin = origin(properties);
    if (digest == null || target == null) {
      return;
    }
    if (source.digest() != null && !source.digest().equals(digest)) {
      properties.find("digest").ifPresent(given -> given.problem("is not the digest of the key"));
    }
    if (digest.equals(targetDigest)) {
      properties
          .find("targetDigest")
          .ifPresent(given -> given.problem("is the same as digest; leave it out"));
    }
    if (trust.waiting().stream().anyMatch(sight -> sight.digest().equals(digest))) {
      properties.find("waiting").ifPresent(given -> given.problem("holds the locked digest"));
    }
    LockedImage image = new LockedImage(digest, targetDigest, target, platforms, trust, origin);
    images.put(source, image);
    checkTarget(key, value, image);
  }

  private void awaited(ImageReference source, YamlProperties properties) {
    for (String key : List.of("targetDigest", "firstSeen", "signedBy", "judged", "denied")) {
      properties
          .find(key)
          .ifPresent(given -> given.problem("says something of a digest that is not there"));
    }
    ImageReference target = target(properties.find("target"));
    List<Platform> unused = platforms(properties.find("platforms"));
    List<Sight> waiting = waiting(properties);
    if (waiting.isEmpty()) {
      properties.find("waiting").ifPresent(given -> given.problem("is empty, and so is the entry"));
      return;
    }
    awaited.put(source, new AwaitedImage(target, waiting));
  }

  private static LockedTrust trust(YamlProperties properties) {
    return new LockedTrust(
        properties.find("firstSeen").flatMap(LockReader::time),
        waiting(properties),
        list(properties.find("signedBy"), LockReader::signature),
        properties.find("judged").flatMap(given -> given.parsed(Digest::parse)),
        properties.find("denied").flatMap(LockReader::denial));
  }

  private static List<Sight> waiting(YamlProperties properties) {
    return list(properties.find("waiting"), LockReader::sight);
  }

  private static Optional<Sight> sight(YamlValue value) {
    YamlProperties sight = value.properties("digest", "firstSeen");
    Digest digest = digest(sight.require("digest"));
    Optional<Instant> firstSeen = sight.require("firstSeen").flatMap(LockReader::time);
    return digest == null ? Optional.empty() : firstSeen.map(time -> new Sight(digest, time));
  }

  private static Optional<LockedSignature> signature(YamlValue value) {
    YamlProperties entry =
        value.properties(
            "key", "fingerprint", "keyless", "issuer", "notation", "ca", "statement", "type");
    Optional<LockedSigner> signer = signer(value, entry);
    Digest statement = digest(entry.require("statement"));
    Optional<String> type = entry.require("type").flatMap(YamlValue::text);
    return statement == null
        ? Optional.empty()
        : signer.flatMap(who -> type.map(stated -> new LockedSignature(who, statement, stated)));
  }

  private static Optional<LockedSigner> signer(YamlValue value, YamlProperties entry) {
    List<String> kinds = List.of("key", "keyless", "notation").stream().filter(entry::has).toList();
    if (kinds.size() != 1) {
      value.problem("needs one of key, keyless and notation");
      return Optional.empty();
    }
    Optional<String> name = entry.require(kinds.getFirst()).flatMap(YamlValue::text);
    return switch (kinds.getFirst()) {
      case "key" ->
          name.flatMap(
              key ->
                  Optional.ofNullable(digest(entry.require("fingerprint")))
                      .map(fingerprint -> new LockedSigner.OfKey(key, fingerprint)));
      case "keyless" ->
          name.flatMap(
              identity ->
                  entry
                      .require("issuer")
                      .flatMap(YamlValue::text)
                      .map(issuer -> new LockedSigner.Keyless(identity, issuer)));
      default ->
          name.flatMap(
              subject ->
                  Optional.ofNullable(digest(entry.require("ca")))
                      .map(authority -> new LockedSigner.Notation(subject, authority)));
    };
  }

  private static Optional<Denial> denial(YamlValue value) {
    YamlProperties denied = value.properties("digest", "reason");
    Digest digest = digest(denied.require("digest"));
    Optional<String> reason = denied.require("reason").flatMap(YamlValue::text);
    return digest == null ? Optional.empty() : reason.map(why -> new Denial(digest, why));
  }

  private static LockedOrigin origin(YamlProperties properties) {
    Map<String, Digest> from = new HashMap<>();
    properties
        .find("from")
        .ifPresent(
            map ->
                map.eachProperty(
                    (key, value) -> {
                      Digest digest = digest(Optional.of(value));
                      if (digest != null) {
                        from.put(key.text(), digest);
                      }
                    }));
    return new LockedOrigin(
        new TreeMap<>(from),
        list(properties.find("charts"), YamlValue::text),
        Optional.ofNullable(digest(properties.find("recipe"))),
        layers(properties));
  }

  private static SortedMap<Platform, LockedOrigin.Layer> layers(YamlProperties properties) {
    Map<Platform, Digest> diffIds = byPlatform(properties, "diffIDs");
    Map<Platform, Digest> digests = byPlatform(properties, "layers");
    if (!diffIds.keySet().equals(digests.keySet())) {
      properties.owner().problem("has other platforms in diffIDs than in layers");
    }
    SortedMap<Platform, LockedOrigin.Layer> layers = new TreeMap<>();
    diffIds.forEach(
        (platform, diffId) -> {
          Digest digest = digests.get(platform);
          if (digest != null) {
            layers.put(platform, new LockedOrigin.Layer(diffId, digest));
          }
        });
    return layers;
  }

  private static Map<Platform, Digest> byPlatform(YamlProperties properties, String key) {
    Map<Platform, Digest> digests = new HashMap<>();
    properties
        .find(key)
        .ifPresent(
            map ->
                map.eachProperty(
                    (name, value) ->
                        name.parsed(Platform::parse)
                            .ifPresent(
                                platform -> {
                                  Digest digest = digest(Optional.of(value));
                                  if (digest != null) {
                                    digests.put(platform, digest);
                                  }
                                })));
    return digests;
  }

  private static List<Platform> platforms(Optional<YamlValue> value) {
    return list(value, item -> item.parsed(Platform::parse));
  }

  private static <T> List<T> list(
      Optional<YamlValue> value, Function<YamlValue, Optional<T>> reading) {
    List<T> read = new ArrayList<>();
    value.ifPresent(list -> list.items().forEach(item -> reading.apply(item).ifPresent(read::add)));
    return read;
  }

  private static Optional<Instant> time(YamlValue value) {
    return value.parsed(
        text -> {
          String expected = "not a time in UTC, to the second, such as 2026-11-27T10:00:00Z: '%s'";
          try {
            Instant time = Instant.parse(text);
            if (time.truncatedTo(ChronoUnit.SECONDS).toString().equals(text)) {
              return time;
            }
          } catch (DateTimeException e) {
            throw new IllegalArgumentException(expected.formatted(text), e);
          }
          throw new IllegalArgumentException(expected.formatted(text));
        });
  }

  private static @Nullable Digest digest(Optional<YamlValue> value) {
    return value.flatMap(given -> given.parsed(Digest::parse)).orElse(null);
  }

  private static @Nullable ImageReference target(Optional<YamlValue> value) {
    return value.flatMap(given -> given.parsed(LockReader::parseTarget)).orElse(null);
  }

  private static ImageReference parseTarget(String text) {
    ImageReference target = canonical(text);
    if (target.tag() == null || target.digest() != null) {
      throw new IllegalArgumentException("expected a tag and no digest");
    }
    return target;
  }

  private static ImageReference canonical(String text) {
    ImageReference reference = ImageReference.parse(text);
    if (!reference.toString().equals(text)) {
      throw new IllegalArgumentException("not canonical; write " + reference);
    }
    return reference;
  }
}
