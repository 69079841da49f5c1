package io.entrepot.proxy.page;

import io.entrepot.proxy.pull.FillProgress;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A blob on its way from an upstream.
 *
 * @param bytes that have come
 * @param total bytes; null until the upstream has said it
 */
public record Fill(String repository, String digest, long bytes, @Nullable Long total) {

  /** Those of repositories that may be read, by digest. */
  public static List<Fill> all(Sources sources, Predicate<String> readable) {
    return sources.pull().blobs().progress().stream()
        .map(Fill::of)
        .filter(fill -> readable.test(fill.repository()))
        .sorted(Comparator.comparing(Fill::digest))
        .toList();
  }

  private static Fill of(FillProgress fill) {
    return new Fill(
        fill.repository().toString(), fill.digest().toString(), fill.received(), fill.total());
  }
}
