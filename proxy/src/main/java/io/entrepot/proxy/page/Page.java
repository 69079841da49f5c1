package io.entrepot.proxy.page;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A part of a list.
 *
 * @param next the key after which the next part begins; null where this is the last
 */
public record Page<T>(List<T> items, @Nullable String next) {

  /** Copies the list. */
  public Page {
    items = List.copyOf(items);
  }

  /** A part of a list that is in the order of its keys. */
  public static <T> Page<T> of(Iterable<T> sorted, PageRequest request, Function<T, String> key) {
    List<T> items = new ArrayList<>();
    String last = request.last();
    for (T item : sorted) {
      if (last != null && key.apply(item).compareTo(last) <= 0) {
        continue;
      }
      if (items.size() == request.size()) {
        return new Page<>(items, key.apply(items.getLast()));
      }
      items.add(item);
    }
    return new Page<>(items, null);
  }

  /** The same part of other things. */
  public <S> Page<S> map(Function<T, S> change) {
    return new Page<>(items.stream().map(change).toList(), next);
  }
}
