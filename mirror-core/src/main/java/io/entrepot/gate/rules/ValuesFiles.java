package io.entrepot.gate.rules;

import io.entrepot.render.ValuesDocument;
import io.entrepot.text.FilePosition;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What rules know of values files that are judged as they stand. */
final class ValuesFiles {

  private ValuesFiles() {}

  /** A line of the document's file; null where it has none. */
  static @Nullable FilePosition position(ValuesDocument document, int line) {
    String file = document.origin().file();
    return file == null ? null : FilePosition.of(file, line);
  }

  /** What layers of the same values have in common: their target and the file's own name. */
  static String base(ValuesDocument document) {
    String file = String.valueOf(document.origin().file());
    return document.origin().target() + ":" + file.substring(file.lastIndexOf('/') + 1);
  }

  /** Whether the mapping at a path is about an image, by its key. */
  static boolean isImage(String path) {
    String last = path.substring(path.lastIndexOf('.') + 1);
    return last.toLowerCase(Locale.ROOT).endsWith("image");
  }
}
