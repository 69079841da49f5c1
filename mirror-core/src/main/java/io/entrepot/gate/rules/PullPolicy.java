package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.ImageUse;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.Pod;
import io.entrepot.gate.Rule;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Tag;
import io.entrepot.render.ValuesDocument;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceNode;
import java.util.List;
import java.util.Optional;

/** Containers and values with another {@code imagePullPolicy} than the specification asks for. */
final class PullPolicy implements Judgement {

  static final Rule RULE =
      new Rule(
          "pull-policy",
          "Another imagePullPolicy than asked",
          "Always asks the registry at every start of a pod: it spends the pull limit and needs"
              + " the registry to be up.",
          "Set imagePullPolicy in the values of the chart or in the manifest.");

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    String wanted = evidence.spec().pullPolicy();
    if (wanted == null) {
      return;
    }
    for (Pod pod : evidence.cluster().pods()) {
      for (Pod.Container container : pod.containers()) {
        container(evidence, wanted, container, findings);
      }
    }
    evidence.cluster().values().forEach(document -> values(document, wanted, findings));
  }

  private static void container(
      Evidence evidence, String wanted, Pod.Container container, Findings findings) {
    String image = Nodes.text(container.node(), "image");
    if (image == null) {
      return;
    }
    String given = Nodes.text(container.node(), "imagePullPolicy");
    Optional<ImageReference> reference = ImageUse.reference(image);
    String effective = given != null ? given : byDefault(reference);
    if (effective.equals(wanted)) {
      return;
    }
    SourceNode node = Nodes.at(container.node(), "imagePullPolicy");
    FilePosition position =
        evidence
            .cluster()
            .locator()
            .of(
                container.pod().object(),
                node == null ? container.node() : node,
                "ullPolicy: " + effective,
                "ullPolicy: \"" + effective);
    findings.refuse(
        container.pod().object(),
        position,
        reference.map(ImageReference::toString).orElse(image),
        given == null
            ? "the container '%s' names no imagePullPolicy, which means %s here; %s is asked"
                .formatted(container.name(), effective, wanted)
            : "the container '%s' has imagePullPolicy %s; %s is asked"
                .formatted(container.name(), effective, wanted));
  }

  private static String byDefault(Optional<ImageReference> reference) {
    boolean latest =
        reference
            // Kubernetes looks at the tag, also where a digest stands beside it.
            .filter(r -> r.tag() == null ? r.digest() == null : r.tag().equals(Tag.LATEST))
            .isPresent();
    return latest ? "Always" : "IfNotPresent";
  }

  private static void values(ValuesDocument document, String wanted, Findings findings) {
    Nodes.eachMapping(
        document.root(),
        (path, mapping) -> {
          for (String key : List.of("pullPolicy", "imagePullPolicy")) {
            boolean image =
                ValuesFiles.isImage(path)
                    || mapping.entry("image") != null
                    || key.equals("imagePullPolicy");
            if (image
                && mapping.get(key) instanceof ScalarSite policy
                && !policy.isEmpty()
                && !policy.value().equals(wanted)) {
              findings.refuse(
                  document.origin().target(),
                  ValuesFiles.position(document, policy.line()),
                  "%s is %s; %s is asked".formatted(Nodes.join(path, key), policy.value(), wanted));
            }
          }
        });
  }
}
