package io.entrepot.proxy.page.html;

import io.entrepot.proxy.page.UpstreamState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An upstream on the page.
 *
 * @param mark {@code good}, {@code warn} or {@code bad}
 * @param words for its state
 * @param quota what is left of how much, or null
 */
record UpstreamRow(
    String name,
    String mark,
    String words,
    @Nullable Quota quota,
    @Nullable String lastError,
    @Nullable Moment lastErrorAt,
    List<Address> endpoints) {

  /**
   * Where it is asked.
   *
   * @param words for its state, or null while there is nothing to say
   */
  record Address(String address, @Nullable String words) {}

  /**
   * What is left of a quota.
   *
   * @param share of the whole, 0 to 100
   */
  record Quota(String words, int share, boolean low) {}

  static List<UpstreamRow> all(Frame frame, List<UpstreamState> states) {
    return states.stream().map(state -> of(frame, state)).toList();
  }

  private static UpstreamRow of(Frame frame, UpstreamState state) {
    return new UpstreamRow(
        state.name(),
        switch (state.state()) {
          case "closed" -> "good";
          case "half-open" -> "warn";
          default -> "bad";
        },
        words(state.state()),
        quota(state),
        state.lastError(),
        frame.moment(state.lastErrorAt()),
        state.endpoints().stream()
            .map(
                each ->
                    new Address(
                        each.address(), each.state().equals("closed") ? null : words(each.state())))
            .toList());
  }

  private static String words(String state) {
    return switch (state) {
      case "closed" -> "asked as usual";
      case "half-open" -> "about to be tried again";
      default -> "failed, asked last";
    };
  }

  private static @Nullable Quota quota(UpstreamState state) {
    Integer left = state.pullsLeft();
    Integer limit = state.pullLimit();
    if (left == null || limit == null) {
      return null;
    }
    int share = limit <= 0 ? 0 : Math.clamp(100L * left / limit, 0, 100);
    return new Quota("%d of %d pulls left".formatted(left, limit), share, share < 20);
  }
}
