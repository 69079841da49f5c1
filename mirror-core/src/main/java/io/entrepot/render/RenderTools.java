package io.entrepot.render;

import java.time.Duration;

/**
 * The programs that render.
 *
 * @param helm name on the path, or a path
 * @param kustomize name on the path, or a path
 * @param timeout for one run
 */
public record RenderTools(String helm, String kustomize, Duration timeout) {

  /** Both by name, two minutes. */
  public static final RenderTools DEFAULTS =
      new RenderTools("helm", "kustomize", Duration.ofMinutes(2));
}
