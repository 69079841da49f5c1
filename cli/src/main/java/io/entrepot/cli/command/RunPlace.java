package io.entrepot.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.cli.output.GithubActions;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.mirror.MirrorSettings;
import io.entrepot.mirror.MirrorSpecReader;
import io.entrepot.notify.Sink;
import io.entrepot.oci.RegistryName;
import io.entrepot.registry.Upstream;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Where a run of the mirror happens, and where it leaves what it made. */
sealed interface RunPlace {

  /** Reads a {@code mirror.yaml}, which messages and reports name as it is given. */
  MirrorSettings settings(Invocation context, Path given);

  /** Registries for the run. */
  Session session(Invocation context, Map<RegistryName, Upstream> registries);

  /** Does the work so that it can be stopped. */
  <T> T guard(Callable<T> work) throws Exception;

  /** Leaves the lock. */
  void lock(Path file, LockFile lock) throws IOException;

  /** Leaves the report. */
  void report(Path file, String text) throws IOException;

  /** Leaves the summary of a job of GitHub Actions. */
  void summary(Path file, String markdown) throws IOException;

  /** Tells the sinks of a file. */
  void tell(
      Invocation context, List<Sink> sinks, Path configuration, ObjectNode report, boolean check);

  /** In this process, which the command has for itself. */
  record Here() implements RunPlace {

    @Override
    public MirrorSettings settings(Invocation context, Path given) {
      return MirrorSpecReader.load(context.loader(), context.file(given));
    }

    @Override
    public Session session(Invocation context, Map<RegistryName, Upstream> registries) {
      return Session.open(context, registries);
    }

    @Override
    public <T> T guard(Callable<T> work) throws Exception {
      return Interruption.guard(work);
    }

    @Override
    public void lock(Path file, LockFile lock) throws IOException {
      LockFileCodec.write(file, lock);
    }

    @Override
    public void report(Path file, String text) throws IOException {
      Files.writeString(file, text, UTF_8);
    }

    @Override
    public void summary(Path file, String markdown) throws IOException {
      GithubActions.summarize(file, markdown);
    }

    @Override
    public void tell(
        Invocation context,
        List<Sink> sinks,
        Path configuration,
        ObjectNode report,
        boolean check) {
      Notifications.ofRun(context, sinks, configuration, report, check);
    }
  }

  /**
   * In a server, for another process, which does what is to be done with the results.
   *
   * @param left what that process gets
   */
  record Served(Vertx vertx, ObjectNode left) implements RunPlace {

    Served(Vertx vertx) {
      this(vertx, JsonMapper.shared().createObjectNode());
    }

    @Override
    public MirrorSettings settings(Invocation context, Path given) {
      return MirrorSpecReader.load(context.loader().in(context.directory()), given);
    }

    @Override
    public Session session(Invocation context, Map<RegistryName, Upstream> registries) {
      return Session.on(vertx, context, registries);
    }

    @Override
    public <T> T guard(Callable<T> work) throws Exception {
      return work.call();
    }

    @Override
    public void lock(Path file, LockFile lock) {
      left.put("lock", LockFileCodec.format(lock));
    }

    @Override
    public void report(Path file, String text) {
      left.put("report", text);
    }

    @Override
    public void summary(Path file, String markdown) {
      left.put("summary", markdown);
    }

    @Override
    public void tell(
        Invocation context,
        List<Sink> sinks,
        Path configuration,
        ObjectNode report,
        boolean check) {
      left.set("told", report);
    }
  }
}
