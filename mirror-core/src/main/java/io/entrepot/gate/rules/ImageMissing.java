package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.ImageUse;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.ObjectName;
import io.entrepot.gate.Pod;
import io.entrepot.gate.Rule;
import io.entrepot.render.KubernetesObject;
import io.entrepot.render.RenderEntry;
import io.entrepot.render.Rendering;
import io.entrepot.render.ValuesDocument;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Containers without an image, charts that ask for one, and {@code image.ref} without a value. */
final class ImageMissing implements Judgement {

  static final Rule RULE =
      new Rule(
          "image-missing",
          "A workload without an image",
          "The pod is refused or waits in InvalidImageName for ever.",
          "Give the image in this target's values: image.ref, or repository and tag.");

  /** What an engine after us fills in. */
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{|\\$\\{|###|__[A-Z_]+__");

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    for (Rendering.Failure failure : evidence.cluster().rendering().failures()) {
      if (failure.reason() == Rendering.Reason.IMAGE_NOT_GIVEN) {
        findings.refuse(failure.target(), failure.position(), failure.message());
      }
    }
    for (Pod pod : evidence.cluster().wholePods()) {
      if (pod.builtIn()) {
        for (Pod.Container container : pod.containers()) {
          container(evidence, pod, container, findings);
        }
      }
    }
    values(evidence, findings);
  }

  private static void container(
      Evidence evidence, Pod pod, Pod.Container container, Findings findings) {
    SourceNode node = Nodes.at(container.node(), "image");
    String image = Nodes.text(container.node(), "image");
    if (node == null && isPatch(pod.object())) {
      return;
    }
    if (image != null && isFilledLater(pod.object(), image)) {
      String file = pod.object().origin().file();
      findings.skip(
          pod.object(),
          file == null ? null : FilePosition.of(file),
          "the image '%s' of %s%s"
              .formatted(image, ObjectName.of(pod.object()), file == null ? "" : " in " + file),
          "it is filled in later, and only then there is an image to judge");
      return;
    }
    String problem = problem(container.name(), image);
    if (problem != null) {
      FilePosition position =
          evidence
              .cluster()
              .locator()
              .of(pod.object(), node == null ? container.node() : node, "image: " + image);
      findings.refuse(pod.object(), position, image, problem);
    }
  }

  private static @Nullable String problem(String container, @Nullable String image) {
    if (image == null || image.isBlank()) {
      return "the container '%s' has no image".formatted(container);
    }
    if (ImageUse.reference(image).isPresent()) {
      return null;
    }
    if (image.startsWith(":") || image.startsWith("@") || image.startsWith("/")) {
      return "the image of container '%s' is '%s': a tag without a repository"
          .formatted(container, image);
    }
    return image.endsWith(":") || image.endsWith("@")
        ? "the image of container '%s' is '%s': what should follow is empty"
            .formatted(container, image)
        : "the image of container '%s' is no image reference: '%s'".formatted(container, image);
  }

  /** Whether the object, read as it stands, is a patch: a workload needs a selector. */
  private static boolean isPatch(KubernetesObject object) {
    return object.origin().standing()
        && Nodes.at(object.root(), "spec", "selector") == null
        && Set.of("Deployment", "StatefulSet", "DaemonSet").contains(object.kind());
  }

  /** Whether something after us puts the image together: a template engine, or Flux. */
  private static boolean isFilledLater(KubernetesObject object, String image) {
    boolean later =
        object.origin().standing() || object.origin().entry() instanceof RenderEntry.Kustomize;
    return later && PLACEHOLDER.matcher(image).find() && ImageUse.reference(image).isEmpty();
  }

  /** {@code image.ref} without a value, where no other file of the same name gives it. */
  private static void values(Evidence evidence, Findings findings) {
    Map<String, Set<String>> given = new HashMap<>();
    for (ValuesDocument document : evidence.cluster().values()) {
      Nodes.eachMapping(
          document.root(),
          (path, mapping) -> {
            if (ValuesFiles.isImage(path) && Nodes.text(mapping, "ref") != null) {
              given.computeIfAbsent(ValuesFiles.base(document), _ -> new HashSet<>()).add(path);
            }
          });
    }
    for (ValuesDocument document : evidence.cluster().values()) {
      Set<String> elsewhere = given.getOrDefault(ValuesFiles.base(document), Set.of());
      Nodes.eachMapping(
          document.root(),
          (path, mapping) -> {
            boolean empty =
                ValuesFiles.isImage(path)
                    && mapping.get("ref") instanceof ScalarSite ref
                    && ref.isEmpty()
                    && mapping.entry("repository") == null
                    && !elsewhere.contains(path);
            if (empty) {
              SourceMapping.Entry entry = Objects.requireNonNull(mapping.entry("ref"));
              findings.refuse(
                  document.origin().target(),
                  ValuesFiles.position(document, entry.key().line()),
                  "%s.ref has no value".formatted(path));
            }
          });
    }
  }
}
