package io.entrepot.gate;

import io.entrepot.render.KubernetesObject;
import io.entrepot.yaml.Nodes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The objects of each target by kind, namespace and name, with the secrets that they will make. */
public final class ObjectIndex {

  private static final String EVERYWHERE = "*";

  private record Key(String target, String kind, @Nullable String namespace, String name) {}

  private final Map<Key, List<KubernetesObject>> objects = new HashMap<>();
  private final Map<Key, List<KubernetesObject>> anywhere = new HashMap<>();

  private final List<Provided> provided;

  private ObjectIndex(List<Provided> provided) {
    this.provided = provided;
  }

  /**
   * @param provided what something outside of the tree makes, in every target
   */
  static ObjectIndex of(List<KubernetesObject> objects, List<Provided> provided) {
    ObjectIndex index = new ObjectIndex(provided);
    for (KubernetesObject object : objects) {
      index.add(object, object.kind(), object.namespace(), object.name());
      index.addSecrets(object);
    }
    return index;
  }

  /** The object of that name in a target, or nothing. */
  public Optional<KubernetesObject> find(
      String target, String kind, @Nullable String namespace, String name) {
    return makers(target, kind, namespace, name).stream().findFirst();
  }

  /** The object of that name in a target, and those that make it. */
  public List<KubernetesObject> makers(
      String target, String kind, @Nullable String namespace, String name) {
    return objects.getOrDefault(new Key(target, kind, namespace, name), List.of());
  }

  /**
   * Whether a target has the object of that name, or something makes it; an object whose namespace
   * is not known may be in any.
   */
  public boolean mayHave(String target, String kind, @Nullable String namespace, String name) {
    return has(target, kind, namespace, name)
        || has(target, kind, null, name)
        || has(target, kind, EVERYWHERE, name)
        || (namespace == null && anywhere.containsKey(new Key(target, kind, null, name)));
  }

  /** Whether a target has the object of that name, or something outside of the tree makes it. */
  public boolean has(String target, String kind, @Nullable String namespace, String name) {
    return objects.containsKey(new Key(target, kind, namespace, name))
        || provided.stream().anyMatch(each -> each.covers(kind, namespace, name));
  }

  /** Whether a target has the secret, or an object that makes it or copies it there. */
  public boolean hasSecret(String target, @Nullable String namespace, String name) {
    return has(target, "Secret", namespace, name) || has(target, "Secret", EVERYWHERE, name);
  }

  private void add(KubernetesObject by, String kind, @Nullable String namespace, String name) {
    String target = by.origin().target();
    objects.computeIfAbsent(new Key(target, kind, namespace, name), _ -> new ArrayList<>()).add(by);
    anywhere.computeIfAbsent(new Key(target, kind, null, name), _ -> new ArrayList<>()).add(by);
  }

  private void addSecret(KubernetesObject by, @Nullable String given, String otherwise) {
    add(by, "Secret", by.namespace(), given == null ? otherwise : given);
  }

  private void addSecrets(KubernetesObject object) {
    switch (object.kind()) {
      case "ExternalSecret" ->
          addSecret(object, Nodes.text(object.root(), "spec", "target", "name"), object.name());
      case "SealedSecret" ->
          addSecret(
              object,
              Nodes.text(object.root(), "spec", "template", "metadata", "name"),
              object.name());
      case "ClusterExternalSecret" -> {
        // Which namespaces its selector finds only the cluster can tell.
        String name = Nodes.text(object.root(), "spec", "externalSecretSpec", "target", "name");
        String given = Nodes.text(object.root(), "spec", "externalSecretName");
        String made = name != null ? name : given != null ? given : object.name();
        add(object, "Secret", EVERYWHERE, made);
      }
      case "VaultStaticSecret", "VaultDynamicSecret", "VaultPKISecret" -> {
        String name = Nodes.text(object.root(), "spec", "destination", "name");
        if (name != null) {
          addSecret(object, name, name);
        }
      }
      case "OnePasswordItem" -> addSecret(object, null, object.name());
      case "Secret" -> {
        // Reflector and replicator copy a secret to where its annotations say.
        boolean copied =
            Nodes.scalars(object.root(), "metadata", "annotations").keySet().stream()
                .anyMatch(
                    name ->
                        name.startsWith("reflector.v1.k8s.emberstack.com/reflection-auto")
                            || name.startsWith("replicator.v1.mittwald.de/replicate-to"));
        if (copied) {
          add(object, "Secret", EVERYWHERE, object.name());
        }
      }
      default -> {}
    }
  }
}
