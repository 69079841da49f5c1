package io.entrepot.proxy.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A day of schedules in a moment: the clock is the test's. */
class SchedulerTest {

  private static final Instant MIDNIGHT = Instant.parse("2026-11-27T00:00:00Z");

  @TempDir private Path directory;

  private final AtomicReference<Instant> now = new AtomicReference<>(MIDNIGHT);
  private final List<String> ran = new ArrayList<>();
  private final List<MirrorRun> told = new ArrayList<>();
  private final AtomicReference<RunResult> result = new AtomicReference<>(done(false, false));

  private Clock clock() {
    InstantSource source = now::get;
    return source.withZone(ZoneOffset.UTC);
  }

  private static RunResult done(boolean lockChanged, boolean postponed) {
    return new RunResult.Done(
        JsonMapper.shared().createObjectNode().put("version", "test"),
        lockChanged,
        false,
        postponed);
  }

  private MirrorJob job(String name, Timing timing, String... onLock) {
    return new MirrorJob(
        name,
        directory.resolve(name + ".yaml"),
        directory.resolve("images.lock.yaml"),
        timing,
        List.of(onLock));
  }

  private Scheduler scheduler(double random, MirrorJob... jobs) {
    return new Scheduler(
        List.of(jobs),
        (job, only) -> {
          ran.add("%s %s%s".formatted(now.get(), job.name(), only.map(" "::concat).orElse("")));
          return result.get();
        },
        directory.resolve("mirrors"),
        clock(),
        () -> random,
        told::add);
  }

  private void until(Scheduler scheduler, Instant end) {
    Instant next = scheduler.runDue().orElseThrow();
    while (next.isBefore(end)) {
      now.set(next);
      next = scheduler.runDue().orElseThrow();
    }
    now.set(end);
  }

  private List<JsonNode> records(String name) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("mirrors").resolve(name))) {
      return files
          .filter(file -> file.toString().endsWith(".json"))
          .sorted()
          .map(file -> JsonMapper.shared().readTree(file.toFile()))
          .toList();
    }
  }

  @Test
  void dayOfSchedules_runsEachWhenItIsDue_oneAfterTheOther() throws Exception {
    Scheduler scheduler =
        scheduler(
            0,
            job("often", new Timing.Every(Duration.ofHours(6))),
            job("cron", new Timing.At(Cron.parse("30 9,21 * * *"), ZoneOffset.UTC)));
    until(scheduler, MIDNIGHT.plus(Duration.ofDays(1)));
    assertThat(ran)
        .containsExactly(
            "2026-11-27T00:00:00Z often",
            "2026-11-27T00:00:00Z cron",
            "2026-11-27T06:00:00Z often",
            "2026-11-27T09:30:00Z cron",
            "2026-11-27T12:00:00Z often",
            "2026-11-27T18:00:00Z often",
            "2026-11-27T21:30:00Z cron");
    assertThat(records("often"))
        .extracting(record -> record.path("trigger").asString())
        .containsExactly("start", "schedule", "schedule", "schedule");
    assertThat(records("often").getLast().path("started").asString())
        .isEqualTo("2026-11-27T18:00:00Z");
    assertThat(records("often").getLast().path("version").asString()).isEqualTo("test");
    assertThat(told).hasSize(7);
  }

  @Test
  void jitter_isAtMostATenthAndTenMinutes() {
    Scheduler scheduler =
        scheduler(
            1,
            job("long", new Timing.Every(Duration.ofDays(1))),
            job("short", new Timing.Every(Duration.ofMinutes(10))));
    scheduler.runDue();
    assertThat(scheduler.runDue()).contains(MIDNIGHT.plus(Duration.ofMinutes(11)));
    until(scheduler, MIDNIGHT.plus(Duration.ofDays(2)));
    assertThat(ran).contains("2026-11-28T00:10:00Z long");
  }

  @Test
  void restart_keepsTheRhythm_andCatchesUpOnce() throws Exception {
    MirrorJob job = job("often", new Timing.Every(Duration.ofHours(6)));
    scheduler(0, job).runDue();
    now.set(MIDNIGHT.plus(Duration.ofHours(2)));
    assertThat(scheduler(0, job).runDue()).contains(MIDNIGHT.plus(Duration.ofHours(6)));
    assertThat(ran).hasSize(1);
    // Down for days.
    now.set(MIDNIGHT.plus(Duration.ofHours(50)));
    assertThat(scheduler(0, job).runDue()).contains(MIDNIGHT.plus(Duration.ofHours(56)));
    assertThat(ran).hasSize(2);
    assertThat(records("often").getLast().path("trigger").asString()).isEqualTo("start");
  }

  @Test
  void sleepOfTheMachine_isCaughtUpOnce() {
    Scheduler scheduler = scheduler(0, job("often", new Timing.Every(Duration.ofHours(1))));
    scheduler.runDue();
    now.set(MIDNIGHT.plus(Duration.ofHours(20)));
    scheduler.runDue();
    assertThat(scheduler.runDue()).contains(MIDNIGHT.plus(Duration.ofHours(21)));
    assertThat(ran).hasSize(2);
  }

  @Test
  void interruptedRun_goesOnAtTheNextStart() throws Exception {
    MirrorJob job = job("often", new Timing.Every(Duration.ofHours(6)));
    CountDownLatch running = new CountDownLatch(1);
    Scheduler first =
        new Scheduler(
            List.of(job),
            (each, only) -> {
              running.countDown();
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              return new RunResult.Done(JsonMapper.shared().createObjectNode(), true, true, false);
            },
            directory.resolve("mirrors"),
            clock(),
            () -> 0,
            told::add);
    first.start();
    running.await();
    first.stop();
    assertThat(records("often")).hasSize(1);
    now.set(MIDNIGHT.plusSeconds(60));
    scheduler(0, job).runDue();
    assertThat(ran).containsExactly("2026-11-27T00:01:00Z often");
    now.set(MIDNIGHT.plusSeconds(120));
    scheduler(0, job).runDue();
    assertThat(ran).hasSize(1);
  }

  @Test
  void records_areTheLastFifty() throws Exception {
    Scheduler scheduler = scheduler(0, job("often", new Timing.Every(Duration.ofMinutes(10))));
    until(scheduler, MIDNIGHT.plus(Duration.ofDays(1)));
    assertThat(records("often")).hasSize(50);
    assertThat(records("often").getLast().path("started").asString())
        .isEqualTo("2026-11-27T23:50:00Z");
  }

  @Test
  void quota_isTriedAgainBeforeTheNextTime() {
    result.set(done(false, true));
    Scheduler scheduler = scheduler(0, job("often", new Timing.Every(Duration.ofDays(1))));
    assertThat(scheduler.runDue()).contains(MIDNIGHT.plus(Duration.ofMinutes(30)));
    now.set(MIDNIGHT.plus(Duration.ofMinutes(30)));
    result.set(done(true, false));
    assertThat(scheduler.runDue())
        .contains(MIDNIGHT.plus(Duration.ofDays(1)).plus(Duration.ofMinutes(30)));
  }

  @Test
  void look_isOneEntry_onceHoweverOftenItIsAskedFor_andMovesNoSchedule() throws Exception {
    MirrorJob job = job("often", new Timing.Every(Duration.ofHours(6)));
    Scheduler scheduler = scheduler(0, job);
    scheduler.runDue();
    now.set(MIDNIGHT.plusSeconds(60));
    for (int i = 0; i < 5; i++) {
      scheduler.look(job, "ghcr.io/acme/app:1");
    }
    assertThat(scheduler.runDue()).contains(MIDNIGHT.plus(Duration.ofHours(6)));
    assertThat(ran).hasSize(2).last().isEqualTo("2026-11-27T00:01:00Z often ghcr.io/acme/app:1");
    assertThat(records("often").getLast().path("trigger").asString()).isEqualTo("hook");
    assertThat(scheduler(0, job).runDue()).contains(MIDNIGHT.plus(Duration.ofHours(6)));
  }

  @Test
  void brokenMirror_isToldAndKept_andRunsAgain() throws Exception {
    result.set(new RunResult.Broken("mirror.yaml:3: nonsense"));
    Scheduler scheduler = scheduler(0, job("often", new Timing.Every(Duration.ofHours(6))));
    assertThat(scheduler.runDue()).contains(MIDNIGHT.plus(Duration.ofHours(6)));
    assertThat(records("often").getFirst().path("error").asString())
        .isEqualTo("mirror.yaml:3: nonsense");
  }

  @Test
  void changedLock_goesToTheProgram_andAgainAfterAFailure() throws Exception {
    Path lock = Files.writeString(directory.resolve("images.lock.yaml"), "");
    Path script =
        Files.writeString(
            directory.resolve("commit.sh"),
            """
            echo "$PWD $1 $2 $ENTREPOT_LOCK" >> calls
            [ -e works ]
            """);
    MirrorJob job =
        job("often", new Timing.Every(Duration.ofHours(1)), "sh", script.toString(), "argument");
    result.set(done(true, false));
    Scheduler scheduler = scheduler(0, job);
    scheduler.runDue();
    assertThat(told.getLast().handover()).contains("exit code 1");
    result.set(done(false, false));
    Files.writeString(directory.resolve("works"), "");
    now.set(MIDNIGHT.plus(Duration.ofHours(1)));
    // Also by another process.
    scheduler(0, job).runDue();
    assertThat(told.getLast().handover()).isEmpty();
    now.set(MIDNIGHT.plus(Duration.ofHours(2)));
    scheduler(0, job).runDue();
    assertThat(Files.readAllLines(directory.resolve("calls")))
        .hasSize(2)
        .containsOnly("%s argument %s %s".formatted(directory.toRealPath(), lock, lock));
  }

  @Test
  void program_thatDoesNotEnd_isEnded() {
    MirrorJob job = job("often", new Timing.Every(Duration.ofHours(1)), "sh", "-c", "sleep 600");
    assertThat(new LockHandover(Duration.ofMillis(100)).run(job)).contains("did not end");
    assertThat(
            new LockHandover(Duration.ofMillis(100)).run(job("x", job.timing(), "no-such-program")))
        .contains("could not be started");
  }
}
