package io.entrepot.sites;

import java.util.regex.Pattern;

/** A chart's version as it is written. */
public final class ChartVersion {

  private static final Pattern RANGE = Pattern.compile(".*[*<>=^~|, xX].*");
  private static final Pattern EXACT = Pattern.compile("v?[0-9]+\\.[0-9]+\\.[0-9]+[-+].*");

  private ChartVersion() {}

  /** Whether a version is a range and so names no one chart. */
  public static boolean isRange(String version) {
    return RANGE.matcher(version).matches() && !EXACT.matcher(version).matches();
  }
}
