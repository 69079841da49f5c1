package io.entrepot.mirror.charts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Repository;
import io.entrepot.render.TestTree;
import io.entrepot.testing.ChartShapes;
import io.entrepot.testing.TestCharts;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is found in charts of every shape that names images in a way of its own. */
final class ChartShapesTest {

  private static final String HEAD = "version: 1.0.0\n";

  @ParameterizedTest
  @MethodSource("io.entrepot.testing.ChartShapes#names")
  void everyImageOfAShape_isFound_andNothingElse(String shape) throws IOException {
    ChartImages.Found found = new ChartImages(TestTree.tools()).of(packed(shape), entry(shape));
    assertThat(found.sure().stream().map(ImageReference::toString))
        .containsExactlyInAnyOrderElementsOf(ChartShapes.named(shape));
    assertThat(found.unsure()).isEmpty();
  }

  private static PackedChart packed(String shape) throws IOException {
    Map<String, String> files = ChartShapes.files(shape);
    files.computeIfPresent(
        "Chart.yaml", (_, text) -> text.substring(text.indexOf(HEAD) + HEAD.length()));
    return new PackedChart(
        ImageReference.parse("registry.example.org/charts/%s:1.0.0".formatted(shape)),
        RawManifest.of(MediaType.OCI_MANIFEST, "{}".getBytes(UTF_8)),
        Buffer.buffer(TestCharts.packed(shape, "1.0.0", files)),
        Map.of(),
        Map.of());
  }

  private static ChartEntry entry(String shape) {
    return new ChartEntry(
        new ChartAddress.InRegistry(Repository.parse("registry.example.org/charts/" + shape)),
        "1.0.0",
        1,
        List.of(),
        Repository.parse("ghcr.io/acme/mirror/charts/" + shape),
        new ChartEntry.Release(Optional.empty(), "default", Optional.empty(), List.of()),
        Set.of(),
        Map.of(),
        "mirror.yaml:1");
  }
}
