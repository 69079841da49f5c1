package io.entrepot.pin;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.sites.FloatingTags;
import io.entrepot.sites.LeftReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Values files that set a tag alone over an image that has a field for its digest. */
final class LayeredTagsTest {

  private static final String IMAGE =
      """
      image:
        repository: quay.io/acme/%s
        tag: "1"
        digest: ""
      """;

  @TempDir Path tree = Path.of("");

  @BeforeEach
  void charts() throws IOException {
    write("charts/shop/Chart.yaml", "name: shop\nversion: 1.0.0\n");
    write("charts/shop/values.yaml", IMAGE.formatted("shop"));
    write("charts/cart/Chart.yaml", "name: cart\nversion: 1.0.0\n");
    write("charts/cart/values.yaml", IMAGE.formatted("cart"));
  }

  @Test
  void tagOfAnotherLayer_keepsTheDigestOut_ofThatChartOnly() throws IOException {
    write("env/prod/shop.yaml", "image:\n  tag: \"2\"\n");

    PinPlan plan = plan();

    assertThat(changed(plan)).containsExactly("charts/cart/values.yaml");
    assertThat(plan.left())
        .filteredOn(left -> left.file().endsWith("charts/shop/values.yaml"))
        .singleElement()
        .matches(left -> left.kind() == LeftReason.NOT_WRITABLE && left.line() == 2)
        .matches(left -> left.reason().contains("env/prod/shop.yaml:2 sets the tag 2"));
  }

  @Test
  void layerThatNamesNoChart_mayBeAnyCharts() throws IOException {
    write("env/prod/common.yaml", "image:\n  tag: \"2\"\n");

    assertThat(changed(plan())).isEmpty();
  }

  @Test
  void releaseOfFlux_namesItsChart() throws IOException {
    write(
        "clusters/release.yaml",
        """
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        spec:
          chart:
            spec:
              chart: ./charts/cart
          values:
            image:
              tag: "2"
        """);

    assertThat(changed(plan())).containsExactly("charts/shop/values.yaml");
  }

  @Test
  void imageWithoutAFieldForItsDigest_isMoved_whereTheLockHoldsTheOtherVersionToo()
      throws IOException {
    write("charts/shop/values.yaml", IMAGE.formatted("shop").replace("  digest: \"\"\n", ""));
    write("env/prod/shop.yaml", "image:\n  tag: \"2\"\n");
    assertThat(changed(plan())).containsExactly("charts/cart/values.yaml");
    assertThat(plan().left())
        .filteredOn(left -> left.file().endsWith("charts/shop/values.yaml"))
        .singleElement()
        .matches(left -> left.reason().contains("the lock does not hold that version"));

    write("env/prod/shop.yaml", "image:\n  tag: \"3\"\n");
    assertThat(changed(plan()))
        .containsExactly("charts/cart/values.yaml", "charts/shop/values.yaml");
  }

  @Test
  void parameterOfArgoCd_isATagOverTheValuesOfItsChart() throws IOException {
    write("env/prod/cart.yaml", IMAGE.formatted("cart"));
    write(
        "apps/cart.yaml",
        """
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata:
          name: cart
        spec:
          source:
            chart: cart
            helm:
              parameters:
                - name: image.tag
                  value: "2"
        """);

    assertThat(changed(plan())).containsExactly("charts/shop/values.yaml");
  }

  @Test
  void sameTag_orAnotherPath_isNoOtherVersion() throws IOException {
    write("env/prod/shop.yaml", "image:\n  tag: \"1\"\nother:\n  image:\n    tag: \"2\"\n");

    assertThat(changed(plan()))
        .containsExactly("charts/cart/values.yaml", "charts/shop/values.yaml");
  }

  private void write(String name, String text) throws IOException {
    Path file = tree.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private PinPlan plan() throws IOException {
    Map<String, String> lock =
        Map.of(
            "quay.io/acme/shop:1", Locks.MIRROR + "/shop:1",
            "quay.io/acme/shop:3", Locks.MIRROR + "/shop:3",
            "quay.io/acme/cart:1", Locks.MIRROR + "/cart:1");
    return new Pinner(PinRules.DEFAULT, new LockSource(Locks.of(lock), FloatingTags.DEFAULT))
        .plan(List.of(tree), List.of());
  }

  private List<String> changed(PinPlan plan) {
    return plan.files().stream()
        .filter(FilePlan::changes)
        .map(file -> tree.relativize(file.path()).toString())
        .toList();
  }
}
