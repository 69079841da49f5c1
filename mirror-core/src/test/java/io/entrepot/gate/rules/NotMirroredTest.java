package io.entrepot.gate.rules;

import static io.entrepot.gate.rules.Manifests.DIGEST;
import static io.entrepot.gate.rules.Manifests.OTHER;
import static io.entrepot.gate.rules.Manifests.deployment;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.gate.GateReport;
import io.entrepot.gate.GateTree;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that the lock holds, and others. */
final class NotMirroredTest {

  private static final String LOCK =
      """
      version: 1
      images:
        docker.io/library/redis:7:
          digest: %s
          target: ghcr.io/acme/mirror/redis:7
          platforms: [linux/amd64]
      """
          .formatted(DIGEST);

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  @SuppressWarnings("NullAway.Init")
  private GateTree tree;

  @BeforeEach
  void plant() {
    tree = new GateTree(directory);
  }

  @Test
  void imageThatTheLockHolds_isMirrored() {
    tree.file("images.lock.yaml", LOCK);
    tree.file("rendered/app.yaml", deployment("ghcr.io/acme/mirror/redis@" + DIGEST));
    GateReport report = tree.offline(RuleContract.CHECK + "lock: images.lock.yaml\n");
    assertThat(GateTree.of(report, "not-mirrored")).isEmpty();
    assertThat(report.skipped()).isEmpty();
  }

  @Test
  void imageThatTheLockDoesNotHold_isRefused() {
    tree.file("images.lock.yaml", LOCK);
    tree.file("rendered/app.yaml", deployment("ghcr.io/acme/mirror/other@" + DIGEST));
    GateReport report = tree.offline(RuleContract.CHECK + "lock: images.lock.yaml\n");
    assertThat(GateTree.of(report, "not-mirrored")).hasSize(1);
    assertThat(report.skipped()).isNotEmpty();
    assertThat(report.passed()).isFalse();
  }

  @Test
  void imageThatIsBuiltHere_needNotBeInTheLock_copiesStillDo() {
    tree.file("images.lock.yaml", LOCK);
    String check = RuleContract.CHECK + "lock: images.lock.yaml\nfirstParty: ['ghcr.io/acme/*']\n";
    tree.file("rendered/app.yaml", deployment("ghcr.io/acme/shop:1@" + DIGEST));
    assertThat(GateTree.of(tree.offline(check), "not-mirrored")).isEmpty();
    tree.file("rendered/app.yaml", deployment("ghcr.io/acme/mirror/redis:7@" + OTHER));
    assertThat(GateTree.of(tree.offline(check), "not-mirrored")).hasSize(1);
  }

  @Test
  void anotherDigestThanTheLocks_isRefusedAndWaivable() {
    tree.file("images.lock.yaml", LOCK);
    tree.file("rendered/app.yaml", deployment("ghcr.io/acme/mirror/redis:7@" + OTHER));
    GateReport report = tree.offline(RuleContract.CHECK + "lock: images.lock.yaml\n");
    assertThat(GateTree.of(report, "not-mirrored"))
        .singleElement()
        .satisfies(finding -> assertThat(finding.message()).contains("another digest", DIGEST));
    GateReport waived =
        tree.offline(
            RuleContract.CHECK
                + "lock: images.lock.yaml\n"
                + "allow: [{ rule: not-mirrored, image: 'ghcr.io/acme/mirror/redis:7', reason: x }]\n");
    assertThat(GateTree.waived(waived, "not-mirrored")).hasSize(1);
  }

  @Test
  void platformThatTheLockLacks_isMissingOffline() {
    tree.file("images.lock.yaml", LOCK);
    tree.file("rendered/app.yaml", deployment("ghcr.io/acme/mirror/redis@" + DIGEST));
    GateReport report =
        tree.offline(
            RuleContract.CHECK.replace("[linux/amd64]", "[linux/amd64, linux/arm64]")
                + "lock: images.lock.yaml\n");
    assertThat(GateTree.of(report, "platform-missing"))
        .singleElement()
        .satisfies(finding -> assertThat(finding.message()).contains("linux/arm64"));
  }
}
