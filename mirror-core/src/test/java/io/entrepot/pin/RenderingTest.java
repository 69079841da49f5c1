package io.entrepot.pin;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.sites.FloatingTags;
import io.entrepot.sites.LeftReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/** Where digests go when the chart is at hand; helm's part is played by functions of the values. */
final class RenderingTest {

  private static final String SOURCE = "docker.io/acme/app:1.2";
  private static final String TARGET = Locks.MIRROR + "/app";
  private static final String DIGEST = Locks.digest(SOURCE).toString();
  private static final Map<String, String> LOCK =
      Map.of(SOURCE, TARGET + ":1.2", "docker.io/acme/web:3", Locks.MIRROR + "/web:3");

  @TempDir Path chart;
  private final List<String> rendered = new ArrayList<>();

  @BeforeEach
  void chartFile() throws IOException {
    Files.writeString(chart.resolve("Chart.yaml"), "apiVersion: v2\nname: app\nversion: 1.0.0\n");
  }

  private PinPlan pin(String values, UnaryOperator<String> template) throws IOException {
    Files.writeString(chart.resolve("values.yaml"), values);
    ChartRenderer renderer =
        (_, text) -> {
          rendered.add(text);
          return template.apply(text);
        };
    return new Pinner(
            PinRules.DEFAULT,
            new LockSource(Locks.of(LOCK), FloatingTags.DEFAULT),
            new RenderProof(renderer, null),
            null)
        .plan(List.of(chart.resolve("values.yaml")), List.of());
  }

  /** A field of {@code image} in the values. */
  private static String field(String values, String name) {
    Map<String, Object> root = new Yaml().load(values);
    Object image = root.get("image");
    Object value = image instanceof Map<?, ?> map ? map.get(name) : null;
    return value == null ? "" : value.toString();
  }

  private static String pod(String image, String label) {
    return "kind: Pod\nmetadata:\n  labels:\n    app.kubernetes.io/version: \"%s\"\nspec:\n  containers:\n  - name: a\n    image: \"%s\"\n"
        .formatted(label, image);
  }

  private static String withTag(String values) {
    return field(values, "repository") + ":" + field(values, "tag");
  }

  private static String withDigest(String values) {
    String digest = field(values, "digest");
    return withTag(values) + (digest.isEmpty() ? "" : "@" + digest);
  }

  @Test
  void digestFieldThatTheTemplateReads_comesFirst() throws IOException {
    PinPlan plan =
        pin(
            "image:\n  repository: acme/app\n  tag: \"1.2\"\n  digest: \"\"\n",
            values -> pod(withDigest(values), field(values, "tag")));
    assertThat(plan.files().getFirst().after())
        .isEqualTo(
            "image:\n  repository: %s\n  tag: \"1.2\"\n  digest: \"%s\"\n"
                .formatted(TARGET, DIGEST));
    assertThat(plan.edits().getFirst().note()).isEqualTo("seen in the rendered manifests");
    assertThat(rendered).hasSize(2);
  }

  @Test
  void digestFieldThatNoTemplateReads_leavesTheTag() throws IOException {
    PinPlan plan =
        pin(
            "image:\n  repository: acme/app\n  tag: \"1.2\"\n  digest: \"\"\n",
            values -> pod(withTag(values), "1"));
    assertThat(plan.files().getFirst().after())
        .isEqualTo(
            "image:\n  repository: %s\n  tag: \"1.2@%s\"\n  digest: \"\"\n"
                .formatted(TARGET, DIGEST));
    assertThat(plan.left()).isEmpty();
  }

  @Test
  void digestFieldThatTheTemplateReadsAndTheValuesLack_isAdded() throws IOException {
    Files.createDirectory(chart.resolve("templates"));
    Files.writeString(chart.resolve("templates/pod.yaml"), "{{ .Values.image.digest }}");
    PinPlan plan =
        pin(
            "image:\n  repository: acme/app\n  tag: \"1.2\"\n",
            values -> pod(withDigest(values), field(values, "tag")));
    assertThat(plan.files().getFirst().after())
        .isEqualTo(
            "image:\n  repository: %s\n  tag: \"1.2\"\n  digest: %s\n".formatted(TARGET, DIGEST));
  }

  @Test
  void tagThatIsALabelToo_isNotUsed_theRepositoryIs() throws IOException {
    UnaryOperator<String> template =
        values -> {
          String tag = field(values, "tag");
          return pod(field(values, "repository") + (tag.isEmpty() ? "" : ":" + tag), tag);
        };
    PinPlan plan = pin("image:\n  repository: acme/app\n  tag: \"1.2\" # v\n", template);
    String after = "image:\n  repository: %s:1.2@%s\n  tag: \"\" # v\n".formatted(TARGET, DIGEST);
    assertThat(plan.files().getFirst().after()).isEqualTo(after);
    assertThat(pin(after, template).edits()).isEmpty();
    assertThat(Pinning.of(after, LOCK).edits()).isEmpty();
    assertThat(Pinning.of(after, LOCK).left()).isEmpty();
  }

  @Test
  void tagThatIsALabelAndAlwaysAppended_isLeftAndSaid() throws IOException {
    PinPlan plan =
        pin(
            "image:\n  repository: acme/app\n  tag: \"1.2\"\n",
            values -> {
              String tag = field(values, "tag").isEmpty() ? "1.2" : field(values, "tag");
              return pod(field(values, "repository") + ":" + tag, tag);
            });
    assertThat(plan.edits()).isEmpty();
    assertThat(plan.left().getFirst().kind()).isEqualTo(LeftReason.NOT_WRITABLE);
    assertThat(plan.left().getFirst().reason()).contains("has no place for its digest");
  }

  @Test
  void tagThatIsSelectedBy_isNotUsed() throws IOException {
    PinPlan plan =
        pin(
            "image: {repository: acme/app, tag: \"1.2\"}\n",
            values ->
                "kind: Deployment\nspec:\n  selector:\n    matchLabels:\n      v: \"%s\"\n---\n"
                        .formatted(field(values, "tag").replace("@sha256:", "_"))
                    + pod(withTag(values), "1"));
    assertThat(plan.edits()).isEmpty();
  }

  @Test
  void imageThatIsNotRendered_isPinnedAndSaidToBeUnproved() throws IOException {
    PinPlan plan = pin("image: {repository: acme/app, tag: \"1.2\"}\n", _ -> "kind: Service\n");
    assertThat(plan.edits().getFirst().note()).contains("not proved");
  }

  @Test
  void oneImageThatCannotBePinned_doesNotKeepTheOthers() throws IOException {
    PinPlan plan =
        pin(
            "image: {repository: acme/app, tag: \"1.2\"}\nweb: acme/web:3\nwebImage: acme/web:3\n",
            values -> {
              Map<String, Object> root = new Yaml().load(values);
              return pod("docker.io/acme/app:1.2", "1")
                  + "---\n"
                  + pod(String.valueOf(root.get("webImage")), "1");
            });
    assertThat(plan.edits()).extracting(SiteEdit::path).containsExactly("webImage");
    assertThat(plan.left()).extracting(Left::path).containsExactly("image");
  }

  @Test
  void chartThatCannotBeRendered_nothingIsWritten() throws IOException {
    Files.writeString(
        chart.resolve("values.yaml"), "image: {repository: acme/app, tag: \"1.2\"}\n");
    ChartRenderer broken =
        (_, _) -> {
          throw new UnrenderableException("execution error: x is required");
        };
    PinPlan plan =
        new Pinner(
                PinRules.DEFAULT,
                new LockSource(Locks.of(LOCK), FloatingTags.DEFAULT),
                new RenderProof(broken, null),
                null)
            .plan(List.of(chart), List.of());
    assertThat(plan.edits()).isEmpty();
    assertThat(plan.left().getFirst().reason())
        .contains("cannot be rendered as it is", "x is required");
  }

  @Test
  void sharedRegistryThatTakesAnotherImageAlong_stays() throws IOException {
    PinPlan plan =
        pin(
            "global: {imageRegistry: docker.io}\nimage: {repository: acme/app, tag: \"1.2\"}\n",
            values -> {
              boolean moved = !values.contains("imageRegistry: docker.io");
              String registry = moved ? "ghcr.io" : "docker.io";
              return pod(registry + "/" + withTag(values), "1")
                  + "---\n"
                  + pod(registry + "/acme/sidecar:9", "1");
            });
    assertThat(plan.edits()).isEmpty();
    assertThat(plan.left().getFirst().reason())
        .contains("/acme/sidecar:9, which is not in the lock");
  }
}
