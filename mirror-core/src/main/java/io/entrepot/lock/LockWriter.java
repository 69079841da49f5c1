package io.entrepot.lock;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The text of a lock file. */
final class LockWriter {

  private static final String HEADER =
      "# Written by entrepot mirror. Commit it; change mirror.yaml instead of this file.\n";

  /** Names that no reader of YAML takes for anything but text. */
  private static final Pattern PLAIN =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+@:-]*/[A-Za-z0-9._/+@:-]*[A-Za-z0-9]");

  private final StringBuilder text = new StringBuilder(HEADER);

  String text(LockFile lock) {
    text.append("version: ").append(lock.version()).append('\n');
    SortedMap<ImageReference, Runnable> entries = new TreeMap<>();
    lock.images().forEach((source, image) -> entries.put(source, () -> locked(image)));
    lock.awaited().forEach((source, image) -> entries.put(source, () -> awaited(image)));
    text.append(entries.isEmpty() ? "images: {}\n" : "images:\n");
    entries.forEach(
        (source, entry) -> {
          text.append("  ").append(scalar(source)).append(":\n");
          entry.run();
        });
    return text.toString();
  }

  private void locked(LockedImage image) {
    line("digest", image.digest().toString());
    if (image.targetDigest() != null) {
      line("targetDigest", image.targetDigest().toString());
    }
    line("target", scalar(image.target()));
    line(
        "platforms",
        image.platforms().stream()
            .map(Platform::toString)
            .collect(Collectors.joining(", ", "[", "]")));
    LockedTrust trust = image.trust();
    trust.firstSeen().ifPresent(time -> line("firstSeen", time.toString()));
    waiting(trust.waiting());
    if (!trust.signedBy().isEmpty()) {
      line("signedBy", "");
      trust.signedBy().forEach(this::signature);
    }
    trust.judged().ifPresent(fingerprint -> line("judged", fingerprint.toString()));
    trust
        .denied()
        .ifPresent(
            denial ->
                line(
                    "denied",
                    "{ digest: %s, reason: %s }"
                        .formatted(denial.digest(), quoted(denial.reason()))));
    origin(image.origin());
  }

  private void awaited(AwaitedImage image) {
    if (image.target() != null) {
      line("target", scalar(image.target()));
    }
    waiting(image.waiting());
  }

  private void waiting(List<Sight> sights) {
    if (!sights.isEmpty()) {
      line("waiting", "");
      sights.forEach(
          sight -> item("digest: %s, firstSeen: %s".formatted(sight.digest(), sight.firstSeen())));
    }
  }

  private void signature(LockedSignature signature) {
    String signer =
        switch (signature.signer()) {
          case LockedSigner.OfKey(var name, var fingerprint) ->
              "key: %s, fingerprint: %s".formatted(quoted(name), fingerprint);
          case LockedSigner.Keyless(var identity, var issuer) ->
              "keyless: %s, issuer: %s".formatted(quoted(identity), quoted(issuer));
          case LockedSigner.Notation(var subject, var authority) ->
              "notation: %s, ca: %s".formatted(quoted(subject), authority);
        };
    item(
        "%s, statement: %s, type: %s"
            .formatted(signer, signature.statement(), quoted(signature.type())));
  }

  private void origin(LockedOrigin origin) {
    if (!origin.from().isEmpty()) {
      line("from", "");
      origin
          .from()
          .forEach(
              (reference, digest) ->
                  text.append("      ")
                      .append(name(reference))
                      .append(": ")
                      .append(digest)
                      .append('\n'));
    }
    origin.recipe().ifPresent(recipe -> line("recipe", recipe.toString()));
    layers("diffIDs", origin, LockedOrigin.Layer::diffId);
    layers("layers", origin, LockedOrigin.Layer::digest);
    if (!origin.charts().isEmpty()) {
      line(
          "charts",
          origin.charts().stream()
              .map(LockWriter::name)
              .collect(Collectors.joining(", ", "[", "]")));
    }
  }

  private void layers(String key, LockedOrigin origin, Function<LockedOrigin.Layer, Digest> part) {
    if (!origin.layers().isEmpty()) {
      line(key, "");
      origin
          .layers()
          .forEach(
              (platform, layer) ->
                  text.append("      %s: %s\n".formatted(platform, part.apply(layer))));
    }
  }

  private void line(String key, String value) {
    text.append("    ").append(key).append(value.isEmpty() ? ":" : ": ").append(value).append('\n');
  }

  private void item(String pairs) {
    text.append("      - { ").append(pairs).append(" }\n");
  }

  // A registry given as an IPv6 address starts with a bracket, which would begin a list.
  private static String scalar(ImageReference reference) {
    String text = reference.toString();
    return text.startsWith("[") ? "\"" + text + "\"" : text;
  }

  private static String name(String name) {
    return PLAIN.matcher(name).matches() ? name : quoted(name);
  }

  /** In double quotes, with an escape for everything that YAML does not print. */
  private static String quoted(String value) {
    StringBuilder quoted = new StringBuilder("\"");
    value
        .codePoints()
        .forEach(
            point -> {
              if (point == '"' || point == '\\') {
                quoted.append('\\').append((char) point);
              } else if (isPrintable(point)) {
                quoted.appendCodePoint(point);
              } else {
                quoted.append("\\u%04X".formatted(point));
              }
            });
    return quoted.append('"').toString();
  }

  private static boolean isPrintable(int point) {
    return (point >= ' ' && point <= '~')
        || (point >= 0xA0 && point < 0x2028)
        || (point > 0x2029 && point <= 0xD7FF)
        || (point >= 0xE000 && point < 0xFEFF)
        || (point > 0xFEFF && point <= 0xFFFD)
        || point > 0xFFFF;
  }
}
