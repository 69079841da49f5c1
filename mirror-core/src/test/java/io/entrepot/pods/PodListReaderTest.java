package io.entrepot.pods;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.Digest;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PodListReaderTest {

  private static final String HEX = "a".repeat(64);

  private static final String ALL_KINDS =
      """
      {"apiVersion": "v1", "items": [
        {"apiVersion": "v1", "kind": "Pod",
         "metadata": {"name": "app-1", "namespace": "shop"},
         "spec": {
           "initContainers": [{"name": "wait", "image": "busybox:1.36"}],
           "containers": [{"name": "app", "image": "quay.io/acme/app:2"}],
           "ephemeralContainers": [{"name": "debug", "image": "alpine"}],
           "volumes": [{"name": "model", "image": {"reference": "quay.io/acme/model:1"}}]},
         "status": {"phase": "Running",
           "containerStatuses": [{"name": "app", "image": "quay.io/acme/app:2",
             "imageID": "quay.io/acme/app@sha256:%1$s"}],
           "initContainerStatuses": [{"name": "wait", "imageID": "sha256:%1$s"}]}},
        {"kind": "Pod", "metadata": {"name": "job", "namespace": "shop"},
         "spec": {"containers": [{"name": "j", "image": "busybox:1.35"}]},
         "status": {"phase": "Succeeded"}},
        {"kind": "Node", "metadata": {"name": "n"}}],
       "kind": "List", "metadata": {"resourceVersion": ""}}
      """
          .formatted(HEX);

  private static PodSource source(String cluster, byte[] bytes) {
    return new PodSource(cluster, cluster + ".json", () -> new ByteArrayInputStream(bytes));
  }

  private static PodList read(String json) {
    return PodListReader.read(List.of(source("prod", json.getBytes(UTF_8)))).getFirst();
  }

  private static String image(RunningContainer each) {
    return "%s %s %s".formatted(each.title(), each.container(), each.image());
  }

  @Test
  void initEphemeralAndMountedImages_areRunning_finishedPodsAreNot() {
    PodList list = read(ALL_KINDS);
    assertThat(list.containers().stream().map(PodListReaderTest::image))
        .containsExactlyInAnyOrder(
            "shop/app-1 wait docker.io/library/busybox:1.36",
            "shop/app-1 app quay.io/acme/app:2",
            "shop/app-1 debug docker.io/library/alpine",
            "shop/app-1 volume model quay.io/acme/model:1");
    assertThat(list.complete()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "quay.io/acme/app@sha256:, true",
    "docker-pullable://quay.io/acme/app@sha256:, true",
    "sha256:, false",
    "docker://sha256:, false",
    "'', false"
  })
  void imageIds_ofEveryRuntime(String prefix, boolean manifest) {
    RunningContainer read =
        read(ALL_KINDS.replace("quay.io/acme/app@sha256:", prefix)).containers().stream()
            .filter(each -> each.container().equals("app"))
            .findFirst()
            .orElseThrow();
    Digest digest = Digest.parse("sha256:" + HEX);
    assertThat(read.digest()).isEqualTo(manifest ? digest : null);
    assertThat(read.config()).isEqualTo(manifest ? null : digest);
  }

  @Test
  void utf16WithAMark_isReadAsUtf8Is() {
    byte[] text = ("\uFEFF" + ALL_KINDS).getBytes(UTF_16LE);
    assertThat(PodListReader.read(List.of(source("prod", text))).getFirst())
        .isEqualTo(read(ALL_KINDS));
  }

  @Test
  void utf8WithAMark_isRead() {
    assertThat(read("\uFEFF" + ALL_KINDS)).isEqualTo(read(ALL_KINDS));
  }

  @Test
  void listOfTheApi_itemsWithoutAKindAndFurtherPages() {
    PodList list =
        read(
            """
            {"kind": "PodList", "metadata": {"continue": "abc"}, "items": [
              {"metadata": {"name": "a"}, "spec": {"containers": [{"name": "c", "image": "x/y"}]}}]}
            """);
    assertThat(list.containers().stream().map(PodListReaderTest::image))
        .containsExactly("default/a c docker.io/x/y");
    assertThat(list.complete()).isFalse();
  }

  @Test
  void oddImage_costsThatContainer_andIsNamed() {
    PodList list = read(ALL_KINDS.replace("\"busybox:1.36\"", "\"Not/An Image\""));
    assertThat(list.containers()).hasSize(3);
    assertThat(list.warnings()).singleElement().asString().contains("shop/app-1", "Not/An Image");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "{}",
        "{\"kind\": \"ConfigMap\"}",
        "{\"kind\": \"List\"}",
        "{\"kind\": \"List\", \"items\": [{]}",
        "NAME READY STATUS"
      })
  void anythingElse_isNamedWithTheRemedy(String text) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(PodListException.class)
        .hasMessageContaining("prod.json")
        .hasMessageContaining("kubectl get pods -A -o json");
  }

  @Test
  void severalLists_keepTheirOrder() {
    List<PodSource> sources = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      sources.add(source("c" + i, ALL_KINDS.getBytes(UTF_8)));
    }
    assertThat(PodListReader.read(sources).stream().map(PodList::cluster))
        .containsExactlyElementsOf(sources.stream().map(PodSource::cluster).toList());
  }
}
