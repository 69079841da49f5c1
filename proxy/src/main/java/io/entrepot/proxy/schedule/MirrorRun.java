package io.entrepot.proxy.schedule;

import java.time.Instant;

/**
 * A run that ended, for those who tell others about it.
 *
 * @param handover why the program that gets the lock failed; empty where it did not, or did not run
 */
public record MirrorRun(
    MirrorJob job,
    Trigger trigger,
    Instant started,
    Instant ended,
    RunResult result,
    String handover) {}
