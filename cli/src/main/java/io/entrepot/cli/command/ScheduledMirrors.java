package io.entrepot.cli.command;

import io.entrepot.cli.output.ReportOutput;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.mirror.ChartRun;
import io.entrepot.mirror.ImageResult.Outcome;
import io.entrepot.mirror.Mirror;
import io.entrepot.mirror.MirrorEntry;
import io.entrepot.mirror.MirrorListener;
import io.entrepot.mirror.MirrorOptions;
import io.entrepot.mirror.MirrorPlan;
import io.entrepot.mirror.MirrorReport;
import io.entrepot.mirror.MirrorSettings;
import io.entrepot.mirror.MirrorSpecReader;
import io.entrepot.mirror.RunPolicy;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Tag;
import io.entrepot.proxy.hook.ChangedImage;
import io.entrepot.proxy.schedule.MirrorJob;
import io.entrepot.proxy.schedule.MirrorWork;
import io.entrepot.proxy.schedule.RunResult;
import io.entrepot.registry.ClientSettings;
import io.entrepot.registry.Endpoint;
import io.entrepot.registry.Network;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.Upstream;
import io.entrepot.registry.Upstreams;
import io.entrepot.registry.auth.CredentialSources;
import io.entrepot.registry.auth.Origin;
import io.entrepot.render.RenderTools;
import io.entrepot.yaml.ConfigException;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a mirror that runs by itself does each time: it reads its files, copies, and writes the
 * lock. One run at a time.
 */
final class ScheduledMirrors implements MirrorWork {

  private final Invocation context;
  private final Vertx vertx;
  private final Map<RegistryName, Upstream> registries;

  /** Held by the run that goes on. */
  private final ReentrantLock turn = new ReentrantLock(true);

  /** What each file said when it could be read last. */
  private final Map<Path, MirrorSettings> settings = new ConcurrentHashMap<>();

  /**
   * @param registries how registries are reached that a {@code mirror.yaml} does not name
   */
  ScheduledMirrors(Invocation context, Vertx vertx, Map<RegistryName, Upstream> registries) {
    this.context = context;
    this.vertx = vertx;
    this.registries = Map.copyOf(registries);
  }

  /**
   * Reads everything that the runs will need.
   *
   * @throws ConfigException with everything that is wrong with a file
   */
  void check(List<MirrorJob> jobs) {
    for (MirrorJob job : jobs) {
      settings.put(job.file(), MirrorSpecReader.load(context.loader(), job.file()));
      var unused = PolicyFileOption.beside(context, job.file());
      LockFileCodec.readMerging(job.lock());
    }
  }

  /** Held by the run that goes on, for others who run mirrors in this process. */
  ReentrantLock turn() {
    return turn;
  }

  @Override
  public RunResult run(MirrorJob job, Optional<String> only) {
    turn.lock();
    try {
      return runAlone(job, only);
    } finally {
      turn.unlock();
    }
  }

  private RunResult runAlone(MirrorJob job, Optional<String> only) {
    MirrorSettings read = settings(job);
    Optional<LockFile> former;
    try {
      former = LockFileCodec.readMerging(job.lock());
    } catch (ConfigException e) {
      return new RunResult.Broken(
          "the lock file cannot be read, and is left as it is: " + e.getMessage());
    }
    MirrorOptions options;
    try {
      // What a policy says that nobody understands is not passed over.
      options =
          PolicyFileOption.beside(context, job.file())
              .map(policy -> new RunPolicy(policy, Instant.now(), true))
              .map(MirrorOptions.DEFAULTS::under)
              .orElse(MirrorOptions.DEFAULTS);
    } catch (ConfigException e) {
      return new RunResult.Broken("its policy cannot be read: " + e.getMessage());
    }
    RegistryClient client = client(read);
    boolean stopped = false;
    try {
      LockFile own = former.orElseGet(LockFile::empty);
      // An event about one image is no reason to fetch and render charts.
      ChartRun charts =
          only.isPresent()
              ? ChartRun.locked(read, client, own)
              : ChartRun.of(read, client, own, RenderTools.DEFAULTS);
      KnownLists lists = new KnownLists(context);
      MirrorOptions remembering = options.remembering(lists.memory());
      MirrorOptions wanted = only.map(remembering::withOnly).orElse(remembering);
      Mirror mirror = new Mirror(charts.client(), wanted, MirrorListener.SILENT);
      MirrorPlan plan = charts.complete(mirror.plan(charts.spec(), former), wanted);
      lists.keep();
      MirrorReport report = charts.conclude(mirror.run(plan));
      // An interrupted thread cannot write files, and what was copied belongs into the lock.
      stopped = Thread.interrupted();
      boolean changed = LockFileCodec.write(job.lock(), report.lock());
      return new RunResult.Done(
          ReportOutput.json(report), changed, stopped, report.any(Outcome.POSTPONED));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      stopped |= Thread.interrupted();
      client.shutdown().timeout(5, TimeUnit.SECONDS).otherwiseEmpty().await();
      if (stopped) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Which part of a mirror an image is, as a glob over its sources; empty where it is none. By what
   * the file said last: an event is no reason to read it.
   */
  Optional<String> entry(MirrorJob job, ChangedImage image) {
    MirrorSettings read = settings.get(job.file());
    boolean has =
        read != null && read.spec().entries().stream().anyMatch(entry -> isOf(entry, image));
    return has
        ? Optional.of(image.repository() + ":" + image.tag().map(Tag::value).orElse("*"))
        : Optional.empty();
  }

  private static boolean isOf(MirrorEntry entry, ChangedImage image) {
    return switch (entry) {
      case MirrorEntry.ImageCopy copy -> isOf(copy.source(), image);
      case MirrorEntry.TagSelection selection -> selection.source().equals(image.repository());
      case MirrorEntry.Assembly assembly ->
          assembly.parts().values().stream().anyMatch(part -> isOf(part, image));
      // It is put together anew when it is time.
      case MirrorEntry.Compose _ -> false;
    };
  }

  private static boolean isOf(ImageReference source, ChangedImage image) {
    return source.repository().equals(image.repository())
        && source.tag() != null
        && (image.tag().isEmpty() || image.tag().get().equals(source.tag()));
  }

  /** What the file says; what it said before where it cannot be understood now. */
  private MirrorSettings settings(MirrorJob job) {
    try {
      MirrorSettings read = MirrorSpecReader.load(context.loader(), job.file());
      settings.put(job.file(), read);
      return read;
    } catch (ConfigException e) {
      MirrorSettings former = settings.get(job.file());
      if (former == null) {
        throw e;
      }
      context
          .console()
          .error(
              "mirror %s: its file cannot be used, and what it said before counts: %s"
                  .formatted(job.name(), e.getMessage()));
      return former;
    }
  }

  private RegistryClient client(MirrorSettings read) {
    Map<RegistryName, Upstream> all = new TreeMap<>();
    registries.forEach((name, upstream) -> all.put(name, itself(upstream)));
    all.putAll(read.registries());
    return new RegistryClient(
        vertx,
        ClientSettings.DEFAULTS,
        Network.fromEnvironment(context.environment()),
        CredentialSources.standard(
            context.environment(), context.home(), Map.of(), context.console()::warn),
        Upstreams.configured(all));
  }

  /** The registry without its mirrors: what is compared with a copy must not be that copy. */
  private static Upstream itself(Upstream upstream) {
    Endpoint own = upstream.owner();
    return new Upstream(
        upstream.name(),
        List.of(own.template() == null ? own : Endpoint.of(Origin.of(upstream.name()))),
        upstream.credentials(),
        upstream.tokenRealms(),
        upstream.keepPulls(),
        upstream.ca());
  }
}
