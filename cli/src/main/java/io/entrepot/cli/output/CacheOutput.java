package io.entrepot.cli.output;

import io.entrepot.oci.Digest;
import io.entrepot.proxy.StoreAnswer;
import io.entrepot.proxy.StoreMessages;
import java.util.List;

/** What {@code cache} prints of a store's answer. */
public final class CacheOutput {

  private CacheOutput() {}

  /** Prints results as text or JSON, and failures on standard error. */
  public static void print(Console console, StoreAnswer answer, boolean json) {
    if (json) {
      console.document(Json.document(StoreMessages.json(answer)));
    }
    switch (answer) {
      case StoreAnswer.Failed(String error) -> console.error(error);
      case StoreAnswer.Removed removed -> {
        if (!json) {
          removed.removed().forEach(image -> console.result("removed " + image));
        }
        if (removed.absent() != null) {
          console.error("not here: " + removed.absent());
        }
      }
      case StoreAnswer.Verified(List<Digest> corrupt, long verified) -> {
        if (!json) {
          console.result("verified " + verified);
          corrupt.forEach(digest -> console.error("corrupt, set aside: " + digest));
        }
      }
      case StoreAnswer.Written(List<String> images, List<String> absent) -> {
        if (!json) {
          images.forEach(image -> console.result("exported " + image));
        }
        absent.forEach(image -> console.error("not here, or not whole: " + image));
      }
      default -> {
        if (!json) {
          lines(answer).forEach(console::result);
        }
      }
    }
  }

  /** Whether the exit code tells of a failure. */
  public static boolean failed(StoreAnswer answer) {
    return switch (answer) {
      case StoreAnswer.Failed failed -> true;
      case StoreAnswer.Removed removed -> removed.absent() != null;
      case StoreAnswer.Verified verified -> !verified.corrupt().isEmpty();
      case StoreAnswer.Written written -> !written.absent().isEmpty();
      default -> false;
    };
  }

  private static List<String> lines(StoreAnswer answer) {
    return switch (answer) {
      case StoreAnswer.Address(String url) -> List.of(url);
      case StoreAnswer.Images(List<StoreAnswer.Image> images) ->
          images.stream().map(CacheOutput::line).toList();
      case StoreAnswer.Use use ->
          use.maxSize() == null
              ? List.of("bytes " + use.bytes(), "contents " + use.contents())
              : List.of(
                  "bytes " + use.bytes(), "contents " + use.contents(), "maxSize " + use.maxSize());
      case StoreAnswer.Imported(List<String> images) ->
          images.stream().map(image -> "imported " + image).toList();
      case StoreAnswer.Collected(long freed, long bytes) ->
          List.of("bytes " + bytes, "freed " + freed);
      default -> List.of();
    };
  }

  private static String line(StoreAnswer.Image image) {
    return "%s:%s@%s%s"
        .formatted(
            image.repository(), image.tag(), image.digest(), image.local() ? " (local)" : "");
  }
}
