package io.entrepot.proxy.hook;

import io.entrepot.oci.MalformedException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What upstreams call. An event is believed when its sender shows the secret; then the images that
 * it names are told, and nothing else of it is used.
 */
public final class Hooks {

  private static final Logger LOG = System.getLogger(Hooks.class.getName());

  /** Events of one vendor in a minute: a push of a large list sends some tens. */
  private static final int MOST_IN_A_MINUTE = 300;

  /** What becomes of a call. */
  public enum Answer {
    /** It is believed. */
    ACCEPTED(202),
    /** It is not this vendor's JSON. */
    NONSENSE(400),
    /** It shows no secret, or a wrong one. */
    UNPROVED(401),
    /** There are too many. */
    TOO_MANY(429);

    private final int status;

    Answer(int status) {
      this.status = status;
    }

    /** The status. */
    public int status() {
      return status;
    }
  }

  private record Minute(Instant began, int events) {}

  private final HookSecrets secrets;
  private final SeenBodies seen;
  private final Clock clock;
  private final Map<HookVendor, Minute> minutes = new EnumMap<>(HookVendor.class);
  private volatile HookListener listener = images -> {};

  /**
   * @param directory where it is remembered what came
   */
  public Hooks(HookSecrets secrets, Path directory, Clock clock) {
    this.secrets = secrets;
    this.seen = new SeenBodies(directory.resolve("ghcr"), clock);
    this.clock = clock;
  }

  /** From now on somebody listens. */
  public void listener(HookListener other) {
    listener = other;
  }

  /**
   * Takes a call. Blocks for a moment: it remembers on disk.
   *
   * @param authorization the header, or null
   * @param signature the header {@code X-Hub-Signature-256}, or null
   * @param query {@code ?secret=}, or null
   */
  public Answer call(
      HookVendor vendor,
      byte[] body,
      @Nullable String authorization,
      @Nullable String signature,
      @Nullable String query) {
    boolean proved =
        secrets
            .of(vendor)
            .filter(
                secret ->
                    HookProof.holds(vendor.proof(), secret, body, authorization, signature, query))
            .isPresent();
    if (!proved) {
      return Answer.UNPROVED;
    }
    if (!isWithinLimit(vendor)) {
      return Answer.TOO_MANY;
    }
    List<ChangedImage> images;
    try {
      JsonNode event = JsonMapper.shared().readTree(body);
      images = vendor.read(event);
    } catch (JacksonException | MalformedException e) {
      LOG.log(Level.WARNING, "/hooks/{0}: not understood: {1}", vendor.word(), e.getMessage());
      return Answer.NONSENSE;
    }
    // Only GitHub's events differ from each other; the same body of others may be another push.
    if (vendor != HookVendor.GHCR || seen.isNew(body)) {
      listener.changed(images);
    }
    return Answer.ACCEPTED;
  }

  private synchronized boolean isWithinLimit(HookVendor vendor) {
    Instant now = clock.instant();
    Minute minute = minutes.get(vendor);
    if (minute == null || !now.isBefore(minute.began().plus(Duration.ofMinutes(1)))) {
      minute = new Minute(now, 0);
    }
    minutes.put(vendor, new Minute(minute.began(), minute.events() + 1));
    return minute.events() < MOST_IN_A_MINUTE;
  }
}
