package io.entrepot.prune;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds digests, and tags below a target, in any text, however it is written. */
final class DigestScan {

  /** As an extended regular expression of POSIX. */
  static final String DIGEST = "sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})";

  private static final int CHUNK = 1 << 20;
  private static final int LONGEST = 1024;

  private final Pattern digests = Pattern.compile(DIGEST);
  private final Pattern tags;
  private final Consumer<Digest> digest;
  private final Consumer<ImageReference> tag;

  DigestScan(Repository target, Consumer<Digest> digest, Consumer<ImageReference> tag) {
    this.tags = Pattern.compile(tags(target));
    this.digest = digest;
    this.tag = tag;
  }

  /** What names a tag below a target, as an extended regular expression of POSIX. */
  static String tags(Repository target) {
    return target.toString().replaceAll("[.\\[\\]]", "\\\\$0")
        + "(/[a-z0-9._/-]+)?:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}";
  }

  void scan(String text) {
    Matcher found = digests.matcher(text);
    while (found.find()) {
      digest.accept(Digest.parse(found.group()));
    }
    Matcher named = tags.matcher(text);
    while (named.find()) {
      reference(named.group()).ifPresent(tag);
    }
  }

  /** The reference; nothing for a text that only looks like one. */
  private static Optional<ImageReference> reference(String text) {
    try {
      return Optional.of(ImageReference.parse(text));
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  /** Reads to the end, piece by piece; the stream stays open. */
  void scan(InputStream stream) throws IOException {
    String carried = "";
    byte[] chunk = new byte[CHUNK];
    for (int read = stream.readNBytes(chunk, 0, CHUNK);
        read > 0;
        read = stream.readNBytes(chunk, 0, CHUNK)) {
      String text = carried + new String(chunk, 0, read, ISO_8859_1);
      scan(text);
      carried = text.substring(Math.max(0, text.length() - LONGEST));
    }
  }
}
