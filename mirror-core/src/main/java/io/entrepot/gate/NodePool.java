package io.entrepot.gate;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Nodes of a target that have the same labels and taints. */
public record NodePool(Map<String, String> labels, List<Taint> taints) {

  private static final List<String> EFFECTS =
      List.of("NoSchedule", "PreferNoSchedule", "NoExecute");

  /** Copies. */
  public NodePool {
    labels = new TreeMap<>(labels);
    taints = List.copyOf(taints);
  }

  /**
   * What keeps pods away that do not tolerate it.
   *
   * @param value empty where the taint has none
   */
  public record Taint(String key, String value, String effect) {

    /**
     * A taint as {@code kubectl taint} takes it: {@code key=value:effect} or {@code key:effect}.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static Taint parse(String text) {
      int colon = text.lastIndexOf(':');
      if (colon <= 0) {
        throw new IllegalArgumentException(
            "'%s' is no taint; write key=value:NoSchedule".formatted(text));
      }
      String name = text.substring(0, colon);
      int equals = name.indexOf('=');
      return new Taint(
          equals < 0 ? name : name.substring(0, equals),
          equals < 0 ? "" : name.substring(equals + 1),
          effect(text.substring(colon + 1)));
    }

    /**
     * The effect as it is written.
     *
     * @throws IllegalArgumentException for what is none
     */
    public static String effect(String text) {
      if (!EFFECTS.contains(text)) {
        throw new IllegalArgumentException(
            "'%s' is none of %s".formatted(text, String.join(", ", EFFECTS)));
      }
      return text;
    }

    @Override
    public String toString() {
      return key + (value.isEmpty() ? "" : "=" + value) + ":" + effect;
    }
  }
}
