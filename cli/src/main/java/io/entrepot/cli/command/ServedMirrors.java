package io.entrepot.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.cli.output.Console;
import io.entrepot.cli.output.Terminal;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs mirrors in the server for {@code mirror --via}: one at a time, and none while a scheduled
 * one runs.
 */
final class ServedMirrors implements UnaryOperator<ObjectNode> {

  private final Vertx vertx;
  private final ReentrantLock turn;
  private volatile @Nullable Thread running;
  private volatile boolean stopping;

  /**
   * @param turn held by the run that goes on
   */
  ServedMirrors(Vertx vertx, ReentrantLock turn) {
    this.vertx = vertx;
    this.turn = turn;
  }

  /** Runs the command line of another process; gives what it said and what it made. */
  @Override
  public ObjectNode apply(ObjectNode plan) {
    List<String> arguments = new ArrayList<>();
    plan.path("arguments").forEach(each -> arguments.add(each.asString("")));
    Map<String, String> environment = new TreeMap<>();
    for (var variable : plan.path("environment").properties()) {
      environment.put(variable.getKey(), variable.getValue().asString(""));
    }
    JsonNode directory = plan.path("directory");
    JsonNode home = plan.path("home");
    if (!directory.isString() || !home.isString() || arguments.isEmpty()) {
      throw new IllegalArgumentException("not a run of a mirror; is it of another version?");
    }
    try {
      turn.lockInterruptibly();
    } catch (InterruptedException e) {
      throw new IllegalStateException("the run was stopped before it began", e);
    }
    try {
      running = Thread.currentThread();
      if (stopping) {
        throw new IllegalStateException("the server stops");
      }
      return run(
          arguments,
          environment,
          Path.of(directory.stringValue()),
          Path.of(home.stringValue()),
          plan.path("terminal").asBoolean(false));
    } finally {
      running = null;
      turn.unlock();
    }
  }

  private ObjectNode run(
      List<String> arguments,
      Map<String, String> environment,
      Path directory,
      Path home,
      boolean terminal) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Invocation invocation =
        new Invocation(
            new Console(
                new PrintStream(out, false, UTF_8), new PrintStream(err, false, UTF_8), false),
            new Terminal(false, terminal, environment),
            environment,
            directory,
            home);
    RunPlace.Served place = new RunPlace.Served(vertx);
    int exit =
        Entrepot.run(
            invocation,
            new Commands.Entry(
                "mirror", Commands.Kind.MIRROR, given -> new MirrorCommand(given, place)),
            arguments);
    return place
        .left()
        .put("exit", exit)
        .put("out", out.toString(UTF_8))
        .put("err", err.toString(UTF_8));
  }

  /** Stops the run that goes on, if one does, and begins no other. Blocks for some seconds. */
  void stop() {
    stopping = true;
    Thread worker = running;
    if (worker != null) {
      worker.interrupt();
      try {
        if (turn.tryLock(8, TimeUnit.SECONDS)) {
          turn.unlock();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
