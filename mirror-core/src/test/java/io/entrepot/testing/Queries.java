package io.entrepot.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the parameters of a query or a form. */
final class Queries {

  private Queries() {}

  /** The first value of {@code name}, decoded, or null. */
  static @Nullable String value(@Nullable String query, String name) {
    List<String> values = values(query, name);
    return values.isEmpty() ? null : values.getFirst();
  }

  /** Every value of {@code name}, decoded. */
  static List<String> values(@Nullable String query, String name) {
    List<String> values = new ArrayList<>();
    if (query != null) {
      for (String pair : List.of(query.split("&", -1))) {
        int equals = pair.indexOf('=');
        if (equals > 0 && pair.substring(0, equals).equals(name)) {
          values.add(URLDecoder.decode(pair.substring(equals + 1), UTF_8));
        }
      }
    }
    return values;
  }
}
