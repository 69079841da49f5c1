package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.ImageUse;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.Locator;
import io.entrepot.gate.ObjectIndex;
import io.entrepot.gate.ObjectName;
import io.entrepot.gate.Pod;
import io.entrepot.gate.Rule;
import io.entrepot.oci.ImageReference;
import io.entrepot.render.KubernetesObject;
import io.entrepot.sites.ImagePattern;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Pods that pull private images without a secret that is there. */
final class PullSecretMissing implements Judgement {

  static final Rule RULE =
      new Rule(
          "pull-secret-missing",
          "A private image without a pull secret",
          "The registry answers 401. A secret that something else patches into the default service"
              + " account comes too late for hooks and first pods.",
          "Name imagePullSecrets in the pod or its service account, and create the secret in the"
              + " namespace.");

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    List<ImagePattern> patterns =
        evidence.spec().privateImages().stream().map(ImagePattern::new).toList();
    if (!patterns.isEmpty()) {
      evidence.cluster().wholePods().forEach(pod -> judge(evidence, pod, patterns, findings));
    }
  }

  private static void judge(
      Evidence evidence, Pod pod, List<ImagePattern> patterns, Findings findings) {
    KubernetesObject object = pod.object();
    ObjectIndex index = evidence.cluster().index();
    String target = object.origin().target();
    String given = Nodes.text(pod.spec(), "serviceAccountName");
    String account = given == null ? "default" : given;
    Set<String> named = new LinkedHashSet<>();
    Nodes.mappings(pod.spec(), "imagePullSecrets").forEach(item -> add(item, named));
    index
        .find(target, "ServiceAccount", object.namespace(), account)
        .ifPresent(
            used ->
                Nodes.mappings(used.root(), "imagePullSecrets").forEach(item -> add(item, named)));
    if (named.stream().anyMatch(name -> index.hasSecret(target, object.namespace(), name))) {
      return;
    }
    for (Pod.Container container : pod.containers()) {
      SourceNode node = Nodes.at(container.node(), "image");
      ImageReference image = ImageUse.reference(Nodes.text(container.node(), "image")).orElse(null);
      if (node != null
          && image != null
          && patterns.stream().anyMatch(each -> each.matches(image))) {
        String secret =
            named.isEmpty() ? "" : ", secret '%s'".formatted(String.join("', '", named));
        Optional<String> unseen = evidence.cluster().unseen(target);
        if (unseen.isPresent()) {
          findings.skip(
              object,
              null,
              "the pull secret of %s (service account '%s'%s)"
                  .formatted(ObjectName.of(object), account, secret),
              unseen.get());
          return;
        }
        findings.refuse(
            object,
            evidence.cluster().locator().of(object, node, Locator.texts(image)),
            image.toString(),
            named.isEmpty()
                ? "neither the pod nor its service account '%s' names an imagePullSecret for %s"
                    .formatted(account, image.repository())
                : "the pull secret %s for %s is not in the namespace %s"
                    .formatted(
                        String.join(", ", named),
                        image.repository(),
                        Namespaces.shown(object.namespace())));
        // One is enough: the secret is the pod's.
        return;
      }
    }
  }

  private static void add(SourceMapping item, Set<String> named) {
    String name = Nodes.text(item, "name");
    if (name != null) {
      named.add(name);
    }
  }
}
