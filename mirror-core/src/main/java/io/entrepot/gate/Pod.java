package io.entrepot.gate;

import io.entrepot.render.KubernetesObject;
import io.entrepot.sites.DocumentKind;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceMapping;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The pods an object makes.
 *
 * @param spec the pod's specification
 * @param path the way to it from the object's root
 * @param builtIn whether Kubernetes itself makes the pods, so that what they lack is missing
 */
public record Pod(KubernetesObject object, SourceMapping spec, String path, boolean builtIn) {

  private static final Map<String, String[]> SPECS =
      Map.ofEntries(
          Map.entry("Pod", new String[] {"spec"}),
          Map.entry("Deployment", new String[] {"spec", "template", "spec"}),
          Map.entry("StatefulSet", new String[] {"spec", "template", "spec"}),
          Map.entry("DaemonSet", new String[] {"spec", "template", "spec"}),
          Map.entry("ReplicaSet", new String[] {"spec", "template", "spec"}),
          Map.entry("ReplicationController", new String[] {"spec", "template", "spec"}),
          Map.entry("Job", new String[] {"spec", "template", "spec"}),
          Map.entry("CronJob", new String[] {"spec", "jobTemplate", "spec", "template", "spec"}),
          Map.entry("PodTemplate", new String[] {"template", "spec"}));

  private static final Set<String> GROUPS = Set.of("", "apps", "batch", "extensions");

  /** Kinds that hold templates of pods without being about them. */
  private static final Set<String> NO_PODS =
      Set.of(
          "CustomResourceDefinition",
          "ConfigMap",
          "Secret",
          "HelmRelease",
          "Application",
          "ApplicationSet",
          "Kustomization");

  /**
   * A container.
   *
   * @param init whether it ends before the others start
   */
  public record Container(Pod pod, SourceMapping node, String path, boolean init) {

    /** Its name; {@code ?} where it has none. */
    public String name() {
      String name = Nodes.text(node, "name");
      return name == null ? "?" : name;
    }

    /** The value of a variable where it is written in the container itself, or null. */
    public @Nullable String variable(String variable) {
      for (SourceMapping each : Nodes.mappings(node, "env")) {
        if (variable.equals(Nodes.text(each, "name"))) {
          return Nodes.text(each, "value");
        }
      }
      return null;
    }
  }

  static List<Pod> of(KubernetesObject object) {
    boolean watches = new DocumentKind(object.kind(), object.group()).watches();
    if (watches || NO_PODS.contains(object.kind())) {
      return List.of();
    }
    String[] way = GROUPS.contains(object.group()) ? SPECS.get(object.kind()) : null;
    if (way != null) {
      SourceMapping spec = Nodes.mapping(object.root(), way);
      return spec == null ? List.of() : List.of(new Pod(object, spec, String.join(".", way), true));
    }
    List<Pod> pods = new ArrayList<>();
    Nodes.eachMapping(
        object.root(),
        (path, mapping) -> {
          List<SourceMapping> containers = Nodes.mappings(mapping, "containers");
          boolean images = containers.stream().anyMatch(c -> Nodes.text(c, "image") != null);
          if (images) {
            pods.add(new Pod(object, mapping, path, false));
          }
        });
    return pods;
  }

  /** Its containers: those that end before the others start, the others, ephemeral ones. */
  public List<Container> containers() {
    List<Container> containers = new ArrayList<>();
    for (String list : List.of("initContainers", "containers", "ephemeralContainers")) {
      List<SourceMapping> nodes = Nodes.mappings(spec, list);
      for (int i = 0; i < nodes.size(); i++) {
        // A sidecar is an init container that goes on running.
        boolean sidecar = "Always".equals(Nodes.text(nodes.get(i), "restartPolicy"));
        containers.add(
            new Container(
                this,
                nodes.get(i),
                (path.isEmpty() ? "" : path + ".") + list + "[" + i + "]",
                list.equals("initContainers") && !sidecar));
      }
    }
    return containers;
  }

  /** Whether the pods do one piece of work and end. */
  public boolean isJob() {
    return object.kind().equals("Job") || object.kind().equals("CronJob");
  }
}
