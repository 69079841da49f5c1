package io.entrepot.gate;

import io.entrepot.oci.ImageReference;
import io.entrepot.render.ClusterScope;
import io.entrepot.render.KubernetesObject;
import io.entrepot.render.RenderEntry;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What objects need of one another, and where they stand in each other's way. */
final class ClusterRules {

  private static final String STORES = "external-secrets.io";

  private final Scene scene;
  private final Verdicts verdicts;
  private final List<ImagePattern> privateImages;

  /** Names of objects by target, kind and namespace. */
  private final Set<String> names = new HashSet<>();

  /** Directories whose files a kustomization puts together. */
  private final Set<String> kustomized = new HashSet<>();

  private final Map<String, KubernetesObject> accounts = new HashMap<>();

  ClusterRules(Scene scene, Verdicts verdicts) {
    this.scene = scene;
    this.verdicts = verdicts;
    this.privateImages = scene.spec().privateImages().stream().map(ImagePattern::new).toList();
  }

  void judge() {
    index();
    collisions();
    scene.objects().forEach(this::secretStore);
    scene.pods().forEach(this::pullSecret);
  }

  private void index() {
    scene.values().forEach(document -> noteKustomization(document.origin().file()));
    scene.objects().forEach(object -> noteKustomization(object.origin().file()));
    for (KubernetesObject object : scene.objects()) {
      String kind = object.kind();
      names.add(key(object, kind, object.namespace(), object.name()));
      if (kind.equals("ServiceAccount")) {
        accounts.put(key(object, kind, object.namespace(), object.name()), object);
      }
      secrets(object);
    }
  }

  /** Secrets that the object is, or will make. */
  private void secrets(KubernetesObject object) {
    switch (object.kind()) {
      case "ExternalSecret" -> {
        String target = Nodes.text(object.root(), "spec", "target", "name");
        names.add(
            key(object, "Secret", object.namespace(), target == null ? object.name() : target));
      }
      case "SealedSecret" -> {
        String name = Nodes.text(object.root(), "spec", "template", "metadata", "name");
        names.add(key(object, "Secret", object.namespace(), name == null ? object.name() : name));
      }
      case "ClusterExternalSecret" -> {
        // Which namespaces its selector finds only the cluster can tell.
        String name = Nodes.text(object.root(), "spec", "externalSecretSpec", "target", "name");
        String given = Nodes.text(object.root(), "spec", "externalSecretName");
        String made = name != null ? name : given != null ? given : object.name();
        names.add(key(object, "Secret", "*", made));
      }
      case "VaultStaticSecret", "VaultDynamicSecret", "VaultPKISecret" -> {
        String name = Nodes.text(object.root(), "spec", "destination", "name");
        if (name != null) {
          names.add(key(object, "Secret", object.namespace(), name));
        }
      }
      case "OnePasswordItem" -> names.add(key(object, "Secret", object.namespace(), object.name()));
      case "Secret" -> {
        // Reflector and replicator copy a secret to where its annotations say.
        boolean copied =
            Nodes.scalars(object.root(), "metadata", "annotations").keySet().stream()
                .anyMatch(
                    name ->
                        name.startsWith("reflector.v1.k8s.emberstack.com/reflection-auto")
                            || name.startsWith("replicator.v1.mittwald.de/replicate-to"));
        if (copied) {
          names.add(key(object, "Secret", "*", object.name()));
        }
      }
      default -> {}
    }
  }

  private static String key(
      KubernetesObject beside, String kind, @Nullable String namespace, String name) {
    return "%s/%s/%s/%s".formatted(beside.origin().target(), kind, namespace, name);
  }

  private boolean exists(
      KubernetesObject beside, String kind, @Nullable String namespace, String name) {
    return names.contains(key(beside, kind, namespace, name));
  }

  // ---- cluster-scope-collision ---------------------------------------------------------------

  private void collisions() {
    Set<String> scoped = new HashSet<>();
    for (KubernetesObject object : scene.objects()) {
      if (object.kind().equals("CustomResourceDefinition")
          && "Cluster".equals(Nodes.text(object.root(), "spec", "scope"))) {
        scoped.add(
            Nodes.text(object.root(), "spec", "group")
                + "/"
                + Nodes.text(object.root(), "spec", "names", "kind"));
      }
    }
    Map<String, KubernetesObject> first = new HashMap<>();
    for (KubernetesObject object : scene.objects()) {
      boolean cluster =
          ClusterScope.holds(object.apiVersion(), object.kind())
              || scoped.contains(object.group() + "/" + object.kind());
      if (!cluster || isPartOfKustomization(object)) {
        continue;
      }
      String key =
          "%s %s/%s/%s"
              .formatted(object.origin().cluster(), object.group(), object.kind(), object.name());
      KubernetesObject former = first.putIfAbsent(key, object);
      if (former != null && !origin(former).equals(origin(object))) {
        verdicts.refuse(
            Rule.CLUSTER_SCOPE_COLLISION,
            object,
            scene.locator().of(object, "name: " + object.name()),
            null,
            "%s is also made by %s"
                .formatted(
                    Scene.name(object),
                    former.origin().standing()
                        ? former.origin().source()
                        : former.origin().entry().name()
                            + (former.origin().target().equals(object.origin().target())
                                ? ""
                                : " in " + former.origin().target())));
      }
    }
  }

  private static String origin(KubernetesObject object) {
    return object.origin().target() + " " + object.origin().source();
  }

  /** A base or a patch that kustomize would put together with others. */
  private boolean isPartOfKustomization(KubernetesObject object) {
    String file = object.origin().file();
    if (!object.origin().standing()
        || file == null
        || !(object.origin().entry() instanceof RenderEntry.Manifests)) {
      return false;
    }
    return kustomized.contains(directory(file));
  }

  private static String directory(String file) {
    return file.substring(0, file.lastIndexOf('/') + 1);
  }

  private void noteKustomization(@Nullable String file) {
    if (file != null && file.substring(file.lastIndexOf('/') + 1).startsWith("kustomization.")) {
      kustomized.add(directory(file));
    }
  }

  // ---- secret-store-missing ------------------------------------------------------------------

  private void secretStore(KubernetesObject object) {
    boolean wide = object.kind().equals("ClusterExternalSecret");
    if (!object.group().equals(STORES) || !(wide || object.kind().equals("ExternalSecret"))) {
      return;
    }
    SourceMapping spec =
        wide
            ? Nodes.mapping(object.root(), "spec", "externalSecretSpec")
            : Nodes.mapping(object.root(), "spec");
    List<SourceMapping> references = new ArrayList<>();
    Stream.of(
            Stream.ofNullable(Nodes.mapping(spec, "secretStoreRef")),
            Nodes.mappings(spec, "data").stream()
                .map(item -> Nodes.mapping(item, "sourceRef", "storeRef")),
            Nodes.mappings(spec, "dataFrom").stream()
                .map(item -> Nodes.mapping(item, "sourceRef", "storeRef")))
        .flatMap(each -> each)
        .filter(Objects::nonNull)
        .forEach(references::add);
    for (SourceMapping reference : references) {
      String name = Nodes.text(reference, "name");
      String kind = Nodes.text(reference, "kind");
      boolean cluster = "ClusterSecretStore".equals(kind);
      if (name == null || (kind != null && !cluster && !kind.equals("SecretStore"))) {
        continue;
      }
      boolean there =
          cluster
              ? exists(object, "ClusterSecretStore", null, name)
              : wide || exists(object, "SecretStore", object.namespace(), name);
      if (!there) {
        SourceNode node = Objects.requireNonNull(Nodes.at(reference, "name"));
        verdicts.refuse(
            Rule.SECRET_STORE_MISSING,
            object,
            scene.locator().of(object, node, "name: " + name),
            null,
            cluster
                ? "there is no ClusterSecretStore '%s'".formatted(name)
                : "there is no SecretStore '%s' in the namespace %s"
                    .formatted(name, shown(object.namespace())),
            cluster
                ? "create the ClusterSecretStore, or name one that exists"
                : Rule.SECRET_STORE_MISSING.remedy());
      }
    }
  }

  // ---- pull-secret-missing -------------------------------------------------------------------

  private void pullSecret(Pod pod) {
    if (privateImages.isEmpty()) {
      return;
    }
    KubernetesObject object = pod.object();
    Set<String> named = new LinkedHashSet<>();
    Nodes.mappings(pod.spec(), "imagePullSecrets").forEach(item -> add(item, named));
    String account = Nodes.text(pod.spec(), "serviceAccountName");
    KubernetesObject used =
        accounts.get(
            key(
                object,
                "ServiceAccount",
                object.namespace(),
                account == null ? "default" : account));
    if (used != null) {
      Nodes.mappings(used.root(), "imagePullSecrets").forEach(item -> add(item, named));
    }
    boolean exists =
        named.stream()
            .anyMatch(
                name ->
                    exists(object, "Secret", object.namespace(), name)
                        || exists(object, "Secret", "*", name));
    if (exists) {
      return;
    }
    for (Pod.Container container : pod.containers()) {
      SourceNode node = Nodes.at(container.node(), "image");
      ImageReference image = Scene.reference(Nodes.text(container.node(), "image")).orElse(null);
      if (node == null
          || image == null
          || privateImages.stream().noneMatch(each -> each.matches(image))) {
        continue;
      }
      verdicts.refuse(
          Rule.PULL_SECRET_MISSING,
          object,
          scene.locator().of(object, node, Scene.texts(image)),
          image.toString(),
          named.isEmpty()
              ? "neither the pod nor its service account '%s' names an imagePullSecret for %s"
                  .formatted(account == null ? "default" : account, image.repository())
              : "the pull secret %s for %s is not in the namespace %s"
                  .formatted(
                      String.join(", ", named), image.repository(), shown(object.namespace())));
      // One is enough: the secret is the pod's.
      return;
    }
  }

  private static void add(SourceMapping item, Set<String> named) {
    String name = Nodes.text(item, "name");
    if (name != null) {
      named.add(name);
    }
  }

  private static String shown(@Nullable String namespace) {
    return namespace == null ? "default" : namespace;
  }
}
