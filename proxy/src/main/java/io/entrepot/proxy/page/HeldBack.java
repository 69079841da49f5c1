package io.entrepot.proxy.page;

import io.entrepot.lock.LockFile;
import io.entrepot.lock.Sight;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.proxy.admission.Withheld;
import java.time.Instant;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the policy holds back, as far as lock files say it and clients have asked for it.
 *
 * @param waiting by source and digest
 * @param denied by source and digest
 */
public record HeldBack(List<Waiting> waiting, List<Denied> denied) {

  /** Copies the lists. */
  public HeldBack {
    waiting = List.copyOf(waiting);
    denied = List.copyOf(denied);
  }

  /**
   * A digest that is not old enough yet.
   *
   * @param reference with its tag, where that is known
   * @param until when it is old enough; null where only a lock file tells of it
   */
  public record Waiting(
      String reference, String digest, Instant firstSeen, @Nullable Instant until) {

    /** Where it stands in the list. */
    public String key() {
      return reference + "@" + digest;
    }
  }

  /**
   * A digest that is refused.
   *
   * @param reference with its tag, where that is known
   * @param reason a sentence without its subject
   */
  public record Denied(String reference, String digest, String reason) {

    /** Where it stands in the list. */
    public String key() {
      return reference + "@" + digest;
    }
  }

  /** What is held back of repositories that may be read. */
  public static HeldBack of(Sources sources, Predicate<String> readable) {
    NavigableMap<String, Waiting> waiting = new TreeMap<>();
    NavigableMap<String, Denied> denied = new TreeMap<>();
    for (Withheld each : sources.admission().withheld()) {
      String name = each.repository().toString();
      Instant firstSeen = each.firstSeen();
      String reason = each.reason();
      if (!readable.test(name)) {
        continue;
      }
      if (firstSeen != null) {
        put(waiting, new Waiting(name, each.digest().toString(), firstSeen, each.until()));
      } else if (reason != null) {
        put(denied, new Denied(name, each.digest().toString(), reason));
      }
    }
    for (LockFile lock : sources.copies().locks()) {
      lock.awaited()
          .forEach(
              (source, image) ->
                  image.waiting().forEach(sight -> put(waiting, readable, source, sight)));
      lock.images()
          .forEach(
              (source, image) -> {
                image.trust().waiting().forEach(sight -> put(waiting, readable, source, sight));
                image
                    .trust()
                    .denied()
                    .filter(denial -> isReadable(readable, source))
                    .ifPresent(
                        denial -> put(denied, denied(source, denial.digest(), denial.reason())));
              });
    }
    return new HeldBack(List.copyOf(waiting.values()), List.copyOf(denied.values()));
  }

  private static boolean isReadable(Predicate<String> readable, ImageReference source) {
    return readable.test(source.repository().toString());
  }

  private static Denied denied(ImageReference source, Digest digest, String reason) {
    return new Denied(source.toString(), digest.toString(), reason);
  }

  private static void put(
      NavigableMap<String, Waiting> all,
      Predicate<String> readable,
      ImageReference source,
      Sight sight) {
    if (isReadable(readable, source)) {
      put(all, new Waiting(source.toString(), sight.digest().toString(), sight.firstSeen(), null));
    }
  }

  private static void put(NavigableMap<String, Waiting> all, Waiting waiting) {
    all.putIfAbsent(waiting.key(), waiting);
  }

  private static void put(NavigableMap<String, Denied> all, Denied denied) {
    all.putIfAbsent(denied.key(), denied);
  }
}
