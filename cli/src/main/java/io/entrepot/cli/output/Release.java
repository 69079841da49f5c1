package io.entrepot.cli.output;

import java.util.Optional;

/** Which release of the program this is. */
public final class Release {

  private Release() {}

  /**
   * The version: of the module where the program is one (the distribution), of the jar elsewhere,
   * and nothing where it runs from folders of classes.
   */
  public static Optional<String> version() {
    return Release.class.getModule().isNamed()
        ? Release.class.getModule().getDescriptor().rawVersion()
        : Optional.ofNullable(Release.class.getPackage().getImplementationVersion());
  }
}
