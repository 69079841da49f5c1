package io.entrepot.pin;

/**
 * A place of rendered objects that changed by more than a name and a digest.
 *
 * @param place the object and the way to the value
 * @param before the text there, or empty
 * @param after the text there, or empty
 */
record RenderDifference(String place, String before, String after) {

  private static final int LONGEST = 120;

  @Override
  public String toString() {
    if (before.isEmpty()) {
      return "%s would be there: %s".formatted(place, shortened(after));
    }
    return after.isEmpty()
        ? "%s would be gone: %s".formatted(place, shortened(before))
        : "%s is %s and would be %s".formatted(place, shortened(before), shortened(after));
  }

  private static String shortened(String text) {
    String line = text.strip().replace('\n', ' ');
    return line.length() > LONGEST ? line.substring(0, LONGEST) + "…" : line;
  }
}
