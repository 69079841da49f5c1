package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.Pod;
import io.entrepot.gate.Rule;
import io.entrepot.gate.Target;
import io.entrepot.render.KubernetesObject;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Pods that run as somebody else than root on volumes of Rancher's local-path provisioner: these
 * are directories of the node, of which the kubelet changes no owner.
 */
final class VolumeOwner implements Judgement {

  static final Rule RULE =
      new Rule(
          "volume-owner",
          "A volume that belongs to root, for a user who is not",
          "fsGroup does nothing on a directory of the node: programs that want to own their data"
              + " (databases) stop with: data directory has wrong ownership.",
          "Give the directory to the user before: an init container with runAsUser: 0 that runs"
              + " chown; or another storage class.");

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    Set<String> targets =
        evidence.spec().targets().stream()
            .filter(target -> Target.LOCAL_PATH.equals(target.storage()))
            .map(Target::name)
            .collect(Collectors.toSet());
    for (Pod pod : evidence.cluster().wholePods()) {
      if (pod.builtIn() && targets.contains(pod.object().origin().target())) {
        judge(evidence, pod, findings);
      }
    }
  }

  private static void judge(Evidence evidence, Pod pod, Findings findings) {
    Set<String> volumes = volumes(evidence, pod);
    if (volumes.isEmpty() || pod.containers().stream().anyMatch(VolumeOwner::givesAway)) {
      return;
    }
    for (Pod.Container container : pod.containers()) {
      for (SourceMapping mount : Nodes.mappings(container.node(), "volumeMounts")) {
        String volume = Nodes.text(mount, "name");
        Wish wish = wish(pod, container);
        boolean readOnly = "true".equals(Nodes.text(mount, "readOnly"));
        if (volume != null && volumes.contains(volume) && wish != null && !readOnly) {
          String field = wish.field();
          findings.refuse(
              pod.object(),
              evidence.cluster().locator().of(pod.object(), wish.node(), field),
              null,
              "the container '%s' has %s, and its volume '%s' belongs to root: local-path changes no owner"
                  .formatted(container.name(), field, volume),
              "add initContainers: [{ name: own, image: …, securityContext: { runAsUser: 0 }, command: [chown, -R, \"USER:GROUP\", %s], volumeMounts: [{ name: %s, mountPath: %s }] }]"
                  .formatted(
                      Nodes.text(mount, "mountPath"), volume, Nodes.text(mount, "mountPath")));
          return;
        }
      }
    }
  }

  /** The volumes of claims that the provisioner serves. */
  private static Set<String> volumes(Evidence evidence, Pod pod) {
    KubernetesObject object = pod.object();
    Set<String> volumes = new HashSet<>();
    for (SourceMapping volume : Nodes.mappings(pod.spec(), "volumes")) {
      String claim = Nodes.text(volume, "persistentVolumeClaim", "claimName");
      String name = Nodes.text(volume, "name");
      if (claim != null && name != null) {
        Optional<KubernetesObject> found =
            evidence
                .cluster()
                .index()
                .find(object.origin().target(), "PersistentVolumeClaim", object.namespace(), claim);
        if (found.isPresent() && isLocal(Nodes.mapping(found.get().root(), "spec"))) {
          volumes.add(name);
        }
      }
    }
    for (SourceMapping claim : Nodes.mappings(object.root(), "spec", "volumeClaimTemplates")) {
      String name = Nodes.text(claim, "metadata", "name");
      if (name != null && isLocal(Nodes.mapping(claim, "spec"))) {
        volumes.add(name);
      }
    }
    return volumes;
  }

  private static boolean isLocal(@Nullable SourceMapping claim) {
    String storageClass = Nodes.text(claim, "storageClassName");
    return claim != null
        && Nodes.at(claim, "volumeName") == null
        && (storageClass == null
            ? Nodes.at(claim, "storageClassName") == null
            : storageClass.equals(Target.LOCAL_PATH));
  }

  /** The field by which a container asks for a volume of its own. */
  private record Wish(String field, SourceNode node) {}

  /** What a container asks for; null where it asks for nothing or is root. */
  private static @Nullable Wish wish(Pod pod, Pod.Container container) {
    for (SourceMapping at : List.of(container.node(), pod.spec())) {
      SourceNode user = Nodes.at(at, "securityContext", "runAsUser");
      if (user != null) {
        return isRoot(user) ? null : new Wish("runAsUser", user);
      }
    }
    SourceNode group = Nodes.at(pod.spec(), "securityContext", "fsGroup");
    return group == null || isRoot(group) ? null : new Wish("fsGroup", group);
  }

  private static boolean isRoot(SourceNode id) {
    return id instanceof ScalarSite scalar && scalar.value().equals("0");
  }

  /** Whether a container that starts before the others gives directories to their user. */
  private static boolean givesAway(Pod.Container container) {
    return container.init()
        && ("0".equals(Nodes.text(container.node(), "securityContext", "runAsUser"))
            || List.of("command", "args").stream()
                .flatMap(list -> Nodes.items(container.node(), list).stream())
                .anyMatch(
                    item -> item instanceof ScalarSite text && text.value().contains("chown")));
  }
}
