package io.entrepot.notify;

import io.entrepot.concurrent.Parallel;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Tells sinks of events. Every message is kept on disk until its sink has taken it, and is sent in
 * the order of its sink; a sink that is down or hangs holds up no other. For virtual threads.
 */
public final class Notifier implements AutoCloseable {

  private static final Duration FIRST_WAIT = Duration.ofSeconds(30);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(30);

  private final List<Sink> sinks;
  private final Messages messages;
  private final Path directory;
  private final Poster poster;
  private final Clock clock;
  private final Consumer<String> log;
  private final Map<String, Pause> pauses = new ConcurrentHashMap<>();
  private final Semaphore news = new Semaphore(0);

  /** Until when a sink is left alone, and how often it failed in a row. */
  private record Pause(Instant until, int failures) {}

  /**
   * What a sink did with what waited for it.
   *
   * @param problem why something waits still, or was given up; empty where all was taken
   */
  public record Delivery(String sink, int taken, String problem) {}

  /**
   * @param directory where messages wait
   * @param publicUrl where the page is; empty where that is not said
   * @param host the name of this machine, the source of events where there is no page
   * @param log told of what is given up, in a sentence without any address
   */
  public Notifier(
      Vertx vertx,
      List<Sink> sinks,
      Path directory,
      String publicUrl,
      String host,
      Clock clock,
      Consumer<String> log) {
    this.sinks = List.copyOf(sinks);
    this.messages = new Messages(publicUrl, publicUrl.isEmpty() ? host : publicUrl);
    this.directory = directory;
    this.poster = new Poster(vertx);
    this.clock = clock;
    this.log = log;
  }

  /** Keeps what the events of one run say to each sink, for the next delivery. */
  public void tell(List<Event> events) {
    try {
      for (Sink sink : sinks) {
        Outbox outbox = Outbox.of(directory, sink);
        for (Message message : messages.of(sink, events)) {
          outbox.add(message, clock.instant());
        }
        int dropped = outbox.trim(clock.instant());
        if (dropped > 0) {
          log.accept(
              "%s: %d messages were given up: more than %d wait, or they are older than %d days"
                  .formatted(sink.label(), dropped, Outbox.MAX_MESSAGES, Outbox.MAX_AGE.toDays()));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("messages cannot be kept: " + e.getMessage(), e);
    }
    news.release();
  }

  /** Sends what waits, to each sink whose time has come. */
  public List<Delivery> deliver() {
    return Parallel.map(sinks, this::deliver);
  }

  private Delivery deliver(Sink sink) {
    Outbox outbox = Outbox.of(directory, sink);
    int taken = 0;
    try {
      Pause pause = pauses.get(sink.label());
      if (pause != null && clock.instant().isBefore(pause.until())) {
        return new Delivery(sink.label(), 0, "waits");
      }
      for (Path file : outbox.files()) {
        Optional<Message> message = outbox.read(file);
        if (message.isEmpty()) {
          outbox.remove(file);
          log.accept("%s: a message that cannot be read is given up".formatted(sink.label()));
          continue;
        }
        switch (poster.post(sink, message.get())) {
          case Poster.Answer.Taken _ -> {
            outbox.remove(file);
            pauses.remove(sink.label());
            taken++;
          }
          case Poster.Answer.Gone gone -> {
            outbox.remove(file);
            log.accept("%s: a message is given up: %s".formatted(sink.label(), gone.why()));
            return new Delivery(sink.label(), taken, gone.why());
          }
          case Poster.Answer.Later later -> {
            int failures = pause == null ? 1 : pause.failures() + 1;
            Duration wait = later.after().orElseGet(() -> backoff(failures));
            pauses.put(sink.label(), new Pause(clock.instant().plus(wait), failures));
            if (failures == 1) {
              log.accept(
                  "%s: not told, which is tried again: %s".formatted(sink.label(), later.why()));
            }
            return new Delivery(sink.label(), taken, later.why());
          }
        }
      }
      return new Delivery(sink.label(), taken, "");
    } catch (IOException e) {
      return new Delivery(sink.label(), taken, "messages cannot be read: " + e.getMessage());
    }
  }

  private static Duration backoff(int failures) {
    Duration wait = FIRST_WAIT.multipliedBy(1L << Math.min(failures - 1, 10));
    return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
  }

  /** Delivers until it is interrupted: at once what is new, and what waits when its time comes. */
  public void run() {
    try {
      while (true) {
        deliver();
        Instant next =
            pauses.values().stream()
                .map(Pause::until)
                .min(Instant::compareTo)
                .orElse(clock.instant().plus(LONGEST_WAIT));
        long wait = Math.max(1, Duration.between(clock.instant(), next).toMillis());
        if (news.tryAcquire(wait, TimeUnit.MILLISECONDS)) {
          news.drainPermits();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * One message to each sink, past what waits.
   *
   * @return a delivery for each, in their order
   */
  public List<Delivery> test() {
    Event event =
        Event.ofServer(
            EventKind.MOVED,
            clock.instant(),
            "docker.io/library/example:1.0",
            "this is a test of Entrepot's notifications; nothing moved");
    return Parallel.map(
        sinks,
        sink -> {
          Message message = messages.ofAll(sink, List.of(event)).getFirst();
          return switch (poster.post(sink, message)) {
            case Poster.Answer.Taken _ -> new Delivery(sink.label(), 1, "");
            case Poster.Answer.Gone gone -> new Delivery(sink.label(), 0, gone.why());
            case Poster.Answer.Later later -> new Delivery(sink.label(), 0, later.why());
          };
        });
  }

  @Override
  public void close() {
    poster.close();
  }
}
