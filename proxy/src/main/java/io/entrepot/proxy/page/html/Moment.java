package io.entrepot.proxy.page.html;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A time on the page.
 *
 * @param exact for machines
 * @param words for people
 */
record Moment(String exact, String words) {

  static @Nullable Moment of(@Nullable Instant instant, Instant now) {
    return instant == null ? null : new Moment(Words.exact(instant), Words.ago(instant, now));
  }
}
