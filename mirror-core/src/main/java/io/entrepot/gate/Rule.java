package io.entrepot.gate;

/**
 * What the gate refuses, for reports.
 *
 * @param id the name in reports and in {@code allow:}, such as {@code docker-hub}
 * @param title what is refused, in a few words
 * @param why what happens where it is let pass
 * @param remedy how it is mended in general
 */
public record Rule(String id, String title, String why, String remedy) {

  @Override
  public String toString() {
    return id;
  }
}
