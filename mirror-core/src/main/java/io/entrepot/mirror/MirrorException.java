package io.entrepot.mirror;

import io.entrepot.oci.ImageReference;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A step of a copy that failed, on the side where it did. */
public final class MirrorException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final Side side;
  private final transient ImageReference image;
  private final String step;
  private final @Nullable String remedy;

  /**
   * @param image the source, canonically
   * @param step what was being done: {@code copy blob sha256:…}
   * @param message what happened
   * @param remedy what a person can do, or null
   */
  MirrorException(
      Side side,
      ImageReference image,
      String step,
      String message,
      @Nullable String remedy,
      @Nullable Throwable cause) {
    super("%s (%s): %s".formatted(step, side, message), cause);
    this.side = side;
    this.image = image;
    this.step = step;
    this.remedy = remedy;
  }

  static MirrorException of(Side side, ImageReference image, String step, RegistryException cause) {
    return new MirrorException(
        side, image, step, String.valueOf(cause.getMessage()), cause.remedy(), cause);
  }

  /** Calls a registry; what fails is told with the side and the step. */
  static <T> T at(Side side, ImageReference image, String step, Supplier<T> call) {
    try {
      return call.get();
    } catch (RegistryException e) {
      throw of(side, image, step, e);
    }
  }

  /** Where it failed. */
  public Side side() {
    return side;
  }

  /** The source of the image that was being copied. */
  public ImageReference image() {
    return image;
  }

  /** What was being done. */
  public String step() {
    return step;
  }

  /** What a person can do, if that is known. */
  public @Nullable String remedy() {
    return remedy;
  }

  /** Whether no answer came, so that asking for more of the same costs as long again. */
  boolean isSilence() {
    return getCause() instanceof RegistryException failure
        && (failure.code() == ErrorCode.TIMEOUT || failure.code() == ErrorCode.UNREACHABLE);
  }

  /** Whether the source answers that there is no such image. */
  boolean isGone() {
    return side == Side.SOURCE
        && getCause() instanceof RegistryException failure
        && failure.code().isAbsence();
  }

  /** Whether a registry has had enough of us for now, so that later is the only remedy. */
  boolean isLimit() {
    return getCause() instanceof RegistryException failure && failure.isLimit();
  }
}
