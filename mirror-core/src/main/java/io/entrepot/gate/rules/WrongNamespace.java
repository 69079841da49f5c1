package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.Rule;
import io.entrepot.render.KubernetesObject;
import io.entrepot.render.RenderEntry;
import io.entrepot.render.Rendering.Deployer;
import io.entrepot.yaml.Nodes;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Objects that land outside of the namespace that their entry deploys into: in that of Argo CD or
 * Flux, or, for what a chart runs, in any other. Roles, monitors and settings are put elsewhere on
 * purpose, and are not judged.
 */
final class WrongNamespace implements Judgement {

  static final Rule RULE =
      new Rule(
          "wrong-namespace",
          "An object that lands outside of its entry's namespace",
          "It runs without the secrets, quotas and policies of its namespace; in the namespace of"
              + " Argo CD or Flux it has their rights beside it.",
          "Take the foreign namespace out of the values or the kustomization, or deploy the entry"
              + " into it.");

  private static final Set<String> RUNS =
      Set.of("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod", "Job", "CronJob");

  private static final Set<String> BELONGS =
      Set.of("Service", "ServiceAccount", "PersistentVolumeClaim", "Ingress");

  private static final Set<String> DELIVERY =
      Set.of("argocd", "argo-cd", "openshift-gitops", "flux-system");

  /** Where charts put parts of the cluster itself. */
  private static final String SYSTEM = "kube-system";

  /** A namespace that an entry makes in a target. */
  private record Made(String target, RenderEntry entry, String namespace) {}

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    Set<String> delivery = new HashSet<>(DELIVERY);
    for (Deployer deployer : evidence.cluster().rendering().deployers()) {
      String namespace = Nodes.text(deployer.document(), "metadata", "namespace");
      String kind = String.valueOf(Nodes.text(deployer.document(), "kind"));
      // A HelmRelease stands in the namespace that it deploys into.
      if (namespace != null && kind.startsWith("Application")) {
        delivery.add(namespace);
      }
    }
    Set<Made> made = new HashSet<>();
    for (KubernetesObject object : evidence.cluster().objects()) {
      if (object.kind().equals("Namespace")) {
        made.add(new Made(object.origin().target(), object.origin().entry(), object.name()));
      }
    }
    for (KubernetesObject object : evidence.cluster().wholeObjects()) {
      RenderEntry entry = object.origin().entry();
      String wanted = namespace(entry);
      String own = object.namespace();
      if (wanted == null || own == null || own.equals(wanted) || own.equals(SYSTEM)) {
        continue;
      }
      boolean runs = RUNS.contains(object.kind());
      boolean leaked = delivery.contains(own) && (runs || BELONGS.contains(object.kind()));
      boolean scattered = runs && entry instanceof RenderEntry.Helm;
      if ((leaked || scattered) && !made.contains(new Made(object.origin().target(), entry, own))) {
        findings.refuseTogether(
            entry.name() + " in " + own,
            object,
            evidence.cluster().locator().of(object, "namespace: " + own, own),
            "%s '%s' lands in the namespace %s; %s deploys into %s"
                .formatted(object.kind(), object.name(), own, entry.name(), wanted),
            "take namespace: %s out of the values or the kustomization; where it is meant, write into check.yaml: allow: [{ rule: wrong-namespace, object: %s/%s/%s, reason: … }]"
                .formatted(own, object.kind(), own, object.name()));
      }
    }
  }

  private static @Nullable String namespace(RenderEntry entry) {
    return switch (entry) {
      case RenderEntry.Helm helm -> helm.namespace();
      case RenderEntry.Kustomize kustomize -> kustomize.namespace();
      case RenderEntry.Manifests manifests -> manifests.namespace();
    };
  }
}
