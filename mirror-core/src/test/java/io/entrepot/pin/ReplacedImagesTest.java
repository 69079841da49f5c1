package io.entrepot.pin;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.sites.FloatingTags;
import io.entrepot.sites.LeftReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Overlays that choose another version of what their base names. */
final class ReplacedImagesTest {

  private static final String ONE = "quay.io/acme/shop:1";
  private static final String TWO = "quay.io/acme/shop:2";
  private static final String BASE =
      """
      kind: Deployment
      spec:
        template:
          spec:
            containers:
              - name: shop
                image: %s
      """;
  private static final String OVERLAY =
      """
      resources: [../../base]
      images:
        - name: quay.io/acme/shop
          newTag: "2"
      """;

  @TempDir Path tree = Path.of("");

  @Test
  void imageThatEveryOverlayReplaces_keepsItsName_andTheEntryIsPinned() throws IOException {
    write("base/deployment.yaml", BASE.formatted(ONE));
    write("base/kustomization.yaml", "resources: [deployment.yaml]\n");
    write("overlays/prod/kustomization.yaml", OVERLAY);

    PinPlan plan = plan();

    assertThat(plan.left()).isEmpty();
    assertThat(changed(plan)).containsExactly("overlays/prod/kustomization.yaml");
    assertThat(plan.files())
        .filteredOn(FilePlan::changes)
        .singleElement()
        .satisfies(
            file ->
                assertThat(file.after())
                    .contains("name: quay.io/acme/shop\n")
                    .contains("newName: " + Locks.MIRROR + "/shop\n")
                    .contains("digest: \"" + Locks.digest(TWO) + "\""));
  }

  @Test
  void imageThatAComponentReplaces_keepsItsName_andTheComponentIsPinned() throws IOException {
    write("base/deployment.yaml", BASE.formatted(ONE));
    write("base/kustomization.yaml", "resources: [deployment.yaml]\n");
    write(
        "components/new/kustomization.yaml",
        """
        kind: Component
        images:
          - name: quay.io/acme/shop
            newTag: "2"
        """);
    write("prod/kustomization.yaml", "resources: [../base]\ncomponents: [../components/new]\n");

    assertThat(changed(plan())).containsExactly("components/new/kustomization.yaml");

    write("dev/kustomization.yaml", "resources: [../base]\n");
    assertThat(plan().left())
        .singleElement()
        .matches(left -> left.reason().contains("new/kustomization.yaml replaces it"));
  }

  @Test
  void overlaysUponOverlays_inMoreWaysThanCanBeCounted_areLeft() throws IOException {
    for (int level = 0; level < 40; level++) {
      for (String side : List.of("a", "b")) {
        write(
            "k%d%s/kustomization.yaml".formatted(level, side),
            """
            resources: [../k%1$da, ../k%1$db]
            images: [{name: quay.io/acme/x%2$d%3$s, newTag: "2"}]
            """
                .formatted(level + 1, level, side));
      }
    }
    for (String side : List.of("a", "b")) {
      write("k40%s/kustomization.yaml".formatted(side), "resources: [deployment.yaml]\n");
      write("k40%s/deployment.yaml".formatted(side), BASE.formatted("quay.io/acme/x7a:1"));
    }

    PinPlan plan = plan();

    assertThat(plan.left())
        .filteredOn(left -> left.file().endsWith("deployment.yaml"))
        .hasSize(2)
        .allMatch(left -> left.reason().contains("k7a/kustomization.yaml replaces it"));
  }

  @Test
  void imageThatOneOfTwoOverlaysReplaces_isLeftAndSaid() throws IOException {
    write("base/deployment.yaml", BASE.formatted(ONE));
    write("base/kustomization.yaml", "resources: [deployment.yaml]\n");
    write("overlays/prod/kustomization.yaml", OVERLAY);
    write("overlays/dev/kustomization.yaml", "resources: [../../base]\n");

    PinPlan plan = plan();

    assertThat(changed(plan)).containsExactly("overlays/prod/kustomization.yaml");
    assertThat(plan.left())
        .singleElement()
        .matches(left -> left.kind() == LeftReason.NOT_WRITABLE)
        .matches(left -> left.file().endsWith("base/deployment.yaml") && left.line() == 7)
        .matches(left -> left.reason().contains("prod/kustomization.yaml"));
  }

  @Test
  void entryThatAnotherEntryReplaces_keepsItsNewName() throws IOException {
    write("base/deployment.yaml", BASE.formatted("controller:latest"));
    write(
        "base/kustomization.yaml",
        """
        resources: [deployment.yaml]
        images:
          - name: controller
            newName: quay.io/acme/shop
            newTag: "1"
        """);
    write("overlays/prod/kustomization.yaml", OVERLAY);

    PinPlan plan = plan();

    assertThat(plan.left()).isEmpty();
    assertThat(changed(plan)).containsExactly("overlays/prod/kustomization.yaml");
  }

  @Test
  void fluxAndArgoCd_replaceWhatTheirPathHolds() throws IOException {
    write("base/deployment.yaml", BASE.formatted(ONE));
    write("other/deployment.yaml", BASE.formatted(ONE));
    write(
        "clusters/flux.yaml",
        """
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        spec:
          path: ./base
          images:
            - name: quay.io/acme/shop
              newTag: "2"
        """);
    write(
        "clusters/argo.yaml",
        """
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        spec:
          source:
            path: other
            kustomize:
              images: [quay.io/acme/shop:2]
        """);
    write("free/deployment.yaml", BASE.formatted(ONE));

    PinPlan plan = plan();

    assertThat(plan.left()).isEmpty();
    assertThat(changed(plan))
        .containsExactly("clusters/argo.yaml", "clusters/flux.yaml", "free/deployment.yaml");
  }

  @Test
  void imageOfARelease_thatItsPostRendererReplaces_keepsItsName_inAllFilesOfTheRelease()
      throws IOException {
    String release =
        """
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata:
          name: %s
        spec:
          values:
            image:
              repository: quay.io/acme/shop
              tag: "1"
        """;
    write(
        "base/release.yaml",
        release.formatted("shop")
            + """
                postRenderers:
                  - kustomize:
                      images:
                        - name: quay.io/acme/shop
                          newTag: "2"
              """);
    write("prod/release.yaml", release.formatted("shop"));
    write("other/release.yaml", release.formatted("cart"));

    PinPlan plan = plan();

    assertThat(plan.left()).isEmpty();
    assertThat(changed(plan)).containsExactly("base/release.yaml", "other/release.yaml");
    assertThat(plan.edits())
        .filteredOn(edit -> edit.file().endsWith("base/release.yaml"))
        .allMatch(edit -> edit.path().contains("postRenderers"));
  }

  private void write(String name, String text) throws IOException {
    Path file = tree.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private PinPlan plan() throws IOException {
    LockSource source =
        new LockSource(
            Locks.of(Map.of(ONE, Locks.MIRROR + "/shop:1", TWO, Locks.MIRROR + "/shop:2")),
            FloatingTags.DEFAULT);
    return new Pinner(PinRules.DEFAULT, source).plan(List.of(tree), List.of());
  }

  private List<String> changed(PinPlan plan) {
    return plan.files().stream()
        .filter(FilePlan::changes)
        .map(file -> tree.relativize(file.path()).toString())
        .toList();
  }
}
