package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.ObjectName;
import io.entrepot.gate.RenderedCluster;
import io.entrepot.gate.Rule;
import io.entrepot.render.ClusterScope;
import io.entrepot.render.KubernetesObject;
import io.entrepot.yaml.Nodes;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Cluster-scoped objects that two entries make in one cluster. */
final class ClusterScopeCollision implements Judgement {

  static final Rule RULE =
      new Rule(
          "cluster-scope-collision",
          "One cluster-scoped object from two places",
          "Two applications fight over it (Argo CD: SharedResourceWarning); who deletes one breaks"
              + " the other.",
          "Put the environment or release into the name, or let one entry own the object.");

  private record Key(String cluster, String group, String kind, String name) {}

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    RenderedCluster cluster = evidence.cluster();
    Set<String> scoped = clusterScopedKinds(cluster);
    Map<Key, KubernetesObject> first = new HashMap<>();
    for (KubernetesObject object : cluster.wholeObjects()) {
      boolean ofCluster =
          ClusterScope.holds(object.apiVersion(), object.kind())
              || scoped.contains(object.group() + "/" + object.kind());
      if (!ofCluster || cluster.isPartOfKustomization(object)) {
        continue;
      }
      Key key = new Key(object.origin().cluster(), object.group(), object.kind(), object.name());
      KubernetesObject former = first.putIfAbsent(key, object);
      if (former != null && !isOfOneSource(former, object)) {
        findings.refuse(
            object,
            cluster.locator().of(object, "name: " + object.name()),
            null,
            "%s is also made by %s".formatted(ObjectName.of(object), maker(former, object)));
      }
    }
  }

  private static boolean isOfOneSource(KubernetesObject a, KubernetesObject b) {
    return a.origin().target().equals(b.origin().target())
        && a.origin().source().equals(b.origin().source());
  }

  private static String maker(KubernetesObject former, KubernetesObject object) {
    if (former.origin().standing()) {
      return former.origin().source();
    }
    String target = former.origin().target();
    return former.origin().entry().name()
        + (target.equals(object.origin().target()) ? "" : " in " + target);
  }

  /** Group and kind of what the tree's own definitions say has no namespace. */
  private static Set<String> clusterScopedKinds(RenderedCluster cluster) {
    Set<String> kinds = new HashSet<>();
    for (KubernetesObject object : cluster.wholeObjects()) {
      if (object.kind().equals("CustomResourceDefinition")
          && "Cluster".equals(Nodes.text(object.root(), "spec", "scope"))) {
        kinds.add(
            Nodes.text(object.root(), "spec", "group")
                + "/"
                + Nodes.text(object.root(), "spec", "names", "kind"));
      }
    }
    return kinds;
  }
}
