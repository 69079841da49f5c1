package io.entrepot.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.lock.LockFile;
import io.entrepot.mirror.MirrorEntry.ImageCopy;
import io.entrepot.oci.Platform;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.Upstream;
import io.entrepot.registry.Upstreams;
import io.entrepot.testing.RecordedRequest;
import io.entrepot.testing.TestClients;
import io.entrepot.testing.TestRegistry;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * Two registries, images at the source, and runs as a command makes them: a new client each, the
 * lock of the last run, and after each the proof that what was planned is what was run.
 */
abstract class MirrorSetup {

  static final List<Platform> BOTH =
      List.of(Platform.parse("linux/amd64"), Platform.parse("linux/arm64"));
  static final CopyPolicy PLAIN = new CopyPolicy(BOTH, false, false, true, null);
  static final CopyPolicy WITH_REFERRERS = new CopyPolicy(BOTH, false, true, true, null);
  static final CopyPolicy ARTIFACT = new CopyPolicy(List.of(), true, false, true, null);

  final Vertx vertx = Vertx.vertx();
  final TestRegistry source = TestRegistry.start();
  final TestRegistry target = TestRegistry.start();
  final SourceImages images = new SourceImages(source, "acme/tool");
  final List<RegistryClient> clients = new ArrayList<>();
  int keep;
  Optional<LockFile> lock = Optional.empty();

  @BeforeEach
  void clean() {
    target.checksChildren(true);
  }

  @AfterEach
  void close() {
    clients.forEach(RegistryClient::close);
    source.close();
    target.close();
    vertx.close().await();
  }

  RegistryClient client() {
    RegistryClient client =
        TestClients.impatient(
            vertx,
            Upstreams.each(
                name -> {
                  Upstream plain = Upstream.of(name);
                  return new Upstream(
                      name,
                      plain.endpoints(),
                      plain.credentials(),
                      plain.tokenRealms(),
                      name.equals(source.name()) ? keep : 0,
                      plain.ca());
                }));
    clients.add(client);
    return client;
  }

  /** One client for both sides, as a run between registries has it. */
  MirrorSession session(MirrorOptions options) {
    RegistryClient both = client();
    return new MirrorSession(both, both, options);
  }

  ImageCopy copy(String tag, CopyPolicy policy) {
    return new ImageCopy(
        source.reference("acme/tool", tag),
        target.reference("mirror/tool", tag),
        policy,
        "mirror.yaml:1");
  }

  final MirrorReport run(MirrorEntry... entries) {
    return run(MirrorOptions.DEFAULTS, entries);
  }

  /** One run as a command makes it: a new client, the lock of the last run. */
  final MirrorReport run(MirrorOptions options, MirrorEntry... entries) {
    MirrorPlan dry = source.aside(() -> target.aside(() -> plan(options.detailed(), entries)));
    int before = target.requests().size();
    StepLog steps = new StepLog();
    Mirror mirror = new Mirror(client(), options, steps);
    MirrorPlan plan = mirror.plan(new MirrorSpec(List.of(entries)), lock);
    MirrorReport report = mirror.run(plan);
    lock = Optional.of(report.lock());
    steps.assertRanAsPlanned(report);
    if (source.isSound() && target.isSound()) {
      steps.assertAsInDryRun(dry, report);
      List<RecordedRequest> requests = target.requests();
      steps.assertWrote(requests.subList(before, requests.size()));
    }
    return report;
  }

  MirrorPlan plan(MirrorOptions options, MirrorEntry... entries) {
    return new Mirror(client(), options, MirrorListener.SILENT)
        .plan(new MirrorSpec(List.of(entries)), lock);
  }

  static ImageResult only(MirrorReport report) {
    assertThat(report.images()).hasSize(1);
    return report.images().getFirst();
  }

  void clear() {
    source.clear();
    target.clear();
  }
}
