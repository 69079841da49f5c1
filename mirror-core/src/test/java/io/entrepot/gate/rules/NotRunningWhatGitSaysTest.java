package io.entrepot.gate.rules;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.gate.Finding;
import io.entrepot.gate.Gate;
import io.entrepot.gate.GateOptions;
import io.entrepot.gate.GateReport;
import io.entrepot.gate.GateTree;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.RawManifest;
import io.entrepot.pods.PodList;
import io.entrepot.pods.PodListReader;
import io.entrepot.pods.PodSource;
import io.entrepot.testing.TestImage;
import io.entrepot.testing.TestImages;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What clusters run, beside what the tree pins. */
final class NotRunningWhatGitSaysTest extends RegistryContract {

  private static final String RULE = "not-running-what-git-says";
  private static final String OTHER = "sha256:" + "e".repeat(64);

  private static PodList pod(String cluster, String image, String imageId, String phase) {
    String json =
        """
        {"kind": "List", "items": [{"kind": "Pod", "metadata": {"name": "p", "namespace": "n"},
          "spec": {"containers": [{"name": "c", "image": "%s"}]},
          "status": {"phase": "%s", "containerStatuses": [{"name": "c", "imageID": "%s"}]}}]}
        """
            .formatted(image, phase, imageId);
    return PodListReader.read(
            List.of(
                new PodSource(
                    cluster, cluster, () -> new ByteArrayInputStream(json.getBytes(UTF_8)))))
        .getFirst();
  }

  private static PodList pod(String cluster, String image, String imageId) {
    return pod(cluster, image, imageId, "Running");
  }

  private List<Finding> findings(String check, PodList... lists) {
    return GateTree.of(report(check, lists), RULE);
  }

  private GateReport report(String check, PodList... lists) {
    GateOptions options =
        new GateOptions(tree.root(), List.of(), false, false, null, directory.resolve("cache"))
            .running(List.of(lists));
    return new Gate(AllRules.JUDGEMENTS, () -> client).check(tree.spec(check), options);
  }

  private static Digest config(TestImage image) {
    RawManifest raw = image.manifest();
    return Objects.requireNonNull(((ImageManifest) raw.parse()).config()).digest();
  }

  /** An image of two platforms, deployed by its list. */
  private TestImage deployed() {
    TestImage list = TestImages.multiPlatform("linux/amd64", "linux/arm64");
    list.push(registry, "acme/app", "1");
    deploy(registry.name() + "/acme/app:1@" + list.digest());
    return list;
  }

  private String app() {
    return registry.name() + "/acme/app";
  }

  @Test
  void otherDigest_isRefusedWithItsPlace() {
    deployed();
    List<Finding> found = findings(DEV, pod("edge", app() + ":1", app() + "@" + OTHER));
    assertThat(found).hasSize(1);
    assertThat(found.getFirst().message()).contains(OTHER, "n/p", "edge");
    assertThat(found.getFirst().place()).startsWith("app.yaml:");
  }

  @Test
  void listsDigest_childsDigest_orTheConfigurations_areTheSameImage() {
    TestImage list = deployed();
    TestImage child = list.children().getLast();
    assertThat(findings(DEV, pod("edge", app() + ":1", app() + "@" + list.digest()))).isEmpty();
    assertThat(findings(DEV, pod("edge", app() + ":1", app() + "@" + child.digest()))).isEmpty();
    assertThat(findings(DEV, pod("edge", app() + ":1", "sha256:" + config(child).hex()))).isEmpty();
    assertThat(findings(DEV, pod("edge", app() + ":1", OTHER))).hasSize(1);
  }

  @Test
  void childIsPinned_theListRuns_same() {
    TestImage list = TestImages.multiPlatform("linux/amd64", "linux/arm64");
    list.push(registry, "acme/app", "1");
    deploy(app() + ":1@" + list.children().getFirst().digest());
    assertThat(findings(DEV, pod("edge", app() + ":1", app() + "@" + list.digest()))).isEmpty();
  }

  @Test
  void finishedPods_andPodsWithoutAnId_compareNothing() {
    deployed();
    assertThat(findings(DEV, pod("edge", app() + ":1", app() + "@" + OTHER, "Succeeded")))
        .isEmpty();
    assertThat(findings(DEV, pod("edge", app() + ":1", ""))).isEmpty();
  }

  @Test
  void listNamedLikeATarget_judgesThatTargetAlone() {
    deployed();
    assertThat(findings(BOTH, pod("dev", app() + ":1", app() + "@" + OTHER)))
        .extracting(Finding::target)
        .containsExactly("dev");
    assertThat(findings(BOTH, pod("edge", app() + ":1", app() + "@" + OTHER)))
        .extracting(Finding::target)
        .containsExactlyInAnyOrder("local", "dev");
  }

  @Test
  void pinnedImageIsGone_notJudged() {
    deploy(app() + ":1@" + OTHER);
    GateReport report = report(DEV, pod("edge", app() + ":1", app() + "@sha256:" + "d".repeat(64)));
    assertThat(GateTree.of(report, RULE)).isEmpty();
    assertThat(report.skipped()).anyMatch(each -> each.rule().id().equals(RULE));
  }

  @Test
  void deploymentThatRunsAnotherTag_orNotAtAll() {
    TestImages.multiPlatform("linux/amd64").push(registry, "acme/app", "2");
    tree.file(
        "app.yaml",
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: app, namespace: n }
        spec: { template: { spec: { containers: [{ name: c, image: "%s:2" }] } } }
        """
            .formatted(app()));
    assertThat(findings(DEV, pod("edge", app() + ":1", ""))).hasSize(1);
    assertThat(findings(DEV, pod("edge", "quay.io/acme/other:1", ""))).isEmpty();
    assertThat(findings(DEV, pod("dev", "quay.io/acme/other:1", ""))).hasSize(1);
  }

  @Test
  void withoutLists_nothing() {
    deployed();
    assertThat(findings(DEV)).isEmpty();
  }
}
