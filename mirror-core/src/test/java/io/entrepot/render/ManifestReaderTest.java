package io.entrepot.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.text.FilePosition;
import java.util.List;
import org.junit.jupiter.api.Test;

class ManifestReaderTest {

  private static final Origin ORIGIN =
      new Origin(
          "dev",
          "dev",
          RenderEntry.Kustomize.of("apps/x", "web", FilePosition.of("check.yaml", 3)),
          "x",
          null,
          false,
          List.of());

  private static Outcome read(String document) {
    Outcome outcome = new Outcome();
    ManifestReader.read(document, ORIGIN, "web", outcome);
    return outcome;
  }

  @Test
  void stream_isCutAtItsSeparators() {
    assertThat(ManifestReader.documents("---\na: 1\n---\n# x\nb: '---'\n---\n"))
        .filteredOn(document -> !document.isBlank())
        .containsExactly("a: 1", "# x\nb: '---'");
  }

  @Test
  void object_getsTheNamespaceOfItsEntry_unlessItsKindHasNone() {
    Outcome pod = read("apiVersion: v1\nkind: Pod\nmetadata: { name: a }\n");
    Outcome own = read("apiVersion: v1\nkind: Pod\nmetadata: { name: a, namespace: b }\n");
    Outcome role =
        read(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: a }\n");
    assertThat(pod.objects.getFirst().namespace()).isEqualTo("web");
    assertThat(own.objects.getFirst().namespace()).isEqualTo("b");
    assertThat(role.objects.getFirst().namespace()).isNull();
    assertThat(pod.objects.getFirst().position()).isEqualTo(FilePosition.of("check.yaml", 3));
  }

  @Test
  void list_isItsItems() {
    Outcome outcome =
        read(
            "apiVersion: v1\nkind: List\nitems: [{ apiVersion: v1, kind: Pod, metadata: { generateName: a- } }]\n");
    assertThat(outcome.objects).extracting(KubernetesObject::name).containsExactly("a-");
  }

  @Test
  void whatIsNoObject_isValues_andWhatIsNoYaml_isAFailure() {
    assertThat(read("image: { tag: x }\n").values).hasSize(1);
    assertThat(read("a: [\n").failures)
        .singleElement()
        .satisfies(failure -> assertThat(failure.message()).contains("apps/x", "not YAML"));
  }
}
