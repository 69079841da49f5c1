package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.ObjectIndex;
import io.entrepot.gate.Pod;
import io.entrepot.gate.Rule;
import io.entrepot.render.KubernetesObject;
import io.entrepot.yaml.Nodes;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Pods that need a Secret or ConfigMap, or a key of one, that nothing makes. */
final class SecretMissing implements Judgement {

  static final Rule RULE =
      new Rule(
          "secret-missing",
          "A pod without its Secret or ConfigMap",
          "The container waits in CreateContainerConfigError, or the pod in ContainerCreating,"
              + " until somebody makes it.",
          "Make it in the namespace of the pod: a manifest, an ExternalSecret, a SealedSecret or a"
              + " generator; or say who does: provided: in check.yaml.");

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    // Files that are judged as they stand are a part of something: the rest may be elsewhere.
    if (evidence.cluster().partial()) {
      return;
    }
    MadeAtRuntime runtime = new MadeAtRuntime(evidence);
    // Private images are the business of pull-secret-missing.
    boolean pullSecrets = evidence.spec().privateImages().isEmpty();
    for (Pod pod : evidence.cluster().wholePods()) {
      if (pod.builtIn() && !evidence.cluster().isPartOfKustomization(pod.object())) {
        for (PodNeeds.Need need : PodNeeds.of(pod, pullSecrets)) {
          judge(evidence, runtime, pod.object(), need, findings);
        }
      }
    }
  }

  private static void judge(
      Evidence evidence,
      MadeAtRuntime runtime,
      KubernetesObject object,
      PodNeeds.Need need,
      Findings findings) {
    ObjectIndex index = evidence.cluster().index();
    String target = object.origin().target();
    String what =
        "the %s '%s' in the namespace %s"
            .formatted(need.kind(), need.name(), Namespaces.shown(object.namespace()));
    if (index.mayHave(target, need.kind(), object.namespace(), need.name())) {
      if (need.key() != null) {
        key(evidence, object, need, findings);
      }
    } else if (!runtime.mayMake(target, object.namespace(), need.name())) {
      new Absences(evidence, findings)
          .tell(
              object,
              what,
              () -> evidence.cluster().locator().of(object, need.node(), need.name()),
              "there is no %s '%s' in the namespace %s; %s needs it"
                  .formatted(
                      need.kind(), need.name(), Namespaces.shown(object.namespace()), need.by()),
              remedy(object, need));
    }
  }

  private static String remedy(KubernetesObject object, PodNeeds.Need need) {
    String namespace = Namespaces.shown(object.namespace());
    return need.kind().equals("Secret")
        ? "make it there (kind: ExternalSecret, metadata: { name: %2$s, namespace: %1$s }, or a SealedSecret); where something else does, write into check.yaml: provided: [{ kind: Secret, name: %2$s, namespace: %1$s, reason: … }]; where the pod can do without: optional: true"
            .formatted(namespace, need.name())
        : "make it there (kind: ConfigMap, metadata: { name: %2$s, namespace: %1$s }); where something else does, write into check.yaml: provided: [{ kind: ConfigMap, name: %2$s, namespace: %1$s, reason: … }]; where the pod can do without: optional: true"
            .formatted(namespace, need.name());
  }

  /** Judged only where all keys stand in the tree: one manifest alone makes it and fills it. */
  private static void key(
      Evidence evidence, KubernetesObject object, PodNeeds.Need need, Findings findings) {
    List<KubernetesObject> makers =
        evidence
            .cluster()
            .index()
            .makers(object.origin().target(), need.kind(), object.namespace(), need.name());
    if (makers.size() != 1 || !makers.getFirst().kind().equals(need.kind())) {
      return;
    }
    KubernetesObject made = makers.getFirst();
    Set<String> keys = new TreeSet<>();
    for (String data : List.of("data", "stringData", "binaryData")) {
      keys.addAll(Nodes.scalars(made.root(), data).keySet());
    }
    if (!keys.isEmpty() && !keys.contains(need.key())) {
      findings.refuse(
          object,
          evidence.cluster().locator().of(object, need.node(), String.valueOf(need.key())),
          null,
          "the %s '%s' has no key '%s', which %s needs; it has %s"
              .formatted(need.kind(), need.name(), need.key(), need.by(), String.join(", ", keys)),
          "add the key to the %s, or name one that it has".formatted(need.kind()));
    }
  }
}
