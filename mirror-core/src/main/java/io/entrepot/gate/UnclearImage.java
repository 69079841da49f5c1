package io.entrepot.gate;

import io.entrepot.render.KubernetesObject;
import io.entrepot.sites.LeftReason;
import io.entrepot.sites.Reading;
import io.entrepot.text.FilePosition;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Something that names an image without saying which.
 *
 * @param written what is there, as far as it goes
 * @param why it does not say which image
 * @param position found only where it is needed; gives null where no file can be named
 */
public record UnclearImage(
    String target, String written, String why, Supplier<@Nullable FilePosition> position) {

  private static final Set<LeftReason> COUNTED =
      Set.of(LeftReason.EMPTY_TAG, LeftReason.NO_REPOSITORY, LeftReason.TEMPLATED);

  static UnclearImage of(
      KubernetesObject object, int line, String written, String why, Locator locator) {
    return new UnclearImage(
        object.origin().target(), written, why, () -> locator.line(object, line, written));
  }

  /** Whether something will make an image of it; other texts only look like one. */
  public static boolean counts(Reading.Unclear unclear) {
    return COUNTED.contains(unclear.reason());
  }
}
