package io.entrepot.proxy.page.html;

import io.entrepot.proxy.metrics.History.Minute;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Requests of the last hour as bars, one a minute: answered from the store below, fetched above.
 *
 * @param summary what the picture shows, in words
 */
public record Chart(List<Bar> bars, String most, String summary) {

  private static final int WIDTH = 600;
  private static final int HEIGHT = 120;
  private static final int GAP = 2;

  /**
   * A minute.
   *
   * @param title in words
   */
  record Bar(int x, int width, int hitY, int hitHeight, int missY, int missHeight, String title) {}

  /** A picture of minutes, the oldest first. */
  public static Chart of(List<Minute> minutes) {
    long most = minutes.stream().mapToLong(Minute::requests).max().orElse(0);
    long hits = minutes.stream().mapToLong(Minute::hits).sum();
    long misses = minutes.stream().mapToLong(Minute::misses).sum();
    int step = WIDTH / Math.max(1, minutes.size());
    return new Chart(
        IntStream.range(0, minutes.size())
            .filter(i -> minutes.get(i).requests() > 0)
            .mapToObj(i -> bar(minutes.get(i), minutes.size() - 1 - i, i * step, step - GAP, most))
            .toList(),
        Words.number(most),
        "Last hour: %s answered from the store, %s fetched from upstreams."
            .formatted(Words.number(hits), Words.number(misses)));
  }

  private static Bar bar(Minute minute, int ago, int x, int width, long most) {
    int hit = height(minute.hits(), most);
    int miss = height(minute.misses(), most);
    return new Bar(
        x,
        width,
        HEIGHT - hit,
        hit,
        HEIGHT - hit - miss,
        miss,
        "%s: %s from the store, %s fetched"
            .formatted(
                ago == 0 ? "this minute" : Words.count(ago, "minute") + " ago",
                Words.number(minute.hits()),
                Words.number(minute.misses())));
  }

  /** At least a line where there was anything. */
  private static int height(long count, long most) {
    return count == 0 ? 0 : Math.max(2, (int) Math.round((HEIGHT - 8.0) * count / most));
  }
}
