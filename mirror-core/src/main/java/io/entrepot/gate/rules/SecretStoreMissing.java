package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.ObjectIndex;
import io.entrepot.gate.Rule;
import io.entrepot.render.KubernetesObject;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** ExternalSecrets whose store the target does not have. */
final class SecretStoreMissing implements Judgement {

  static final Rule RULE =
      new Rule(
          "secret-store-missing",
          "An ExternalSecret without its store",
          "The secret is never made, and pods that need it wait or pull without credentials.",
          "Create the SecretStore in that namespace, or use a ClusterSecretStore.");

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    for (KubernetesObject object : evidence.cluster().wholeObjects()) {
      if (object.group().equals("external-secrets.io")) {
        switch (object.kind()) {
          case "ExternalSecret" ->
              judge(evidence, object, Nodes.mapping(object.root(), "spec"), false, findings);
          case "ClusterExternalSecret" ->
              judge(
                  evidence,
                  object,
                  Nodes.mapping(object.root(), "spec", "externalSecretSpec"),
                  true,
                  findings);
          default -> {}
        }
      }
    }
  }

  /**
   * @param wide whether the secret is made in namespaces that only the cluster can tell
   */
  private static void judge(
      Evidence evidence,
      KubernetesObject object,
      @Nullable SourceMapping spec,
      boolean wide,
      Findings findings) {
    ObjectIndex index = evidence.cluster().index();
    String target = object.origin().target();
    for (SourceMapping reference : references(spec)) {
      String name = Nodes.text(reference, "name");
      String kind = Nodes.text(reference, "kind");
      boolean cluster = "ClusterSecretStore".equals(kind);
      if (name == null || (kind != null && !cluster && !kind.equals("SecretStore"))) {
        continue;
      }
      boolean there =
          cluster
              ? index.has(target, "ClusterSecretStore", null, name)
              : wide || index.has(target, "SecretStore", object.namespace(), name);
      if (!there) {
        SourceNode node = Objects.requireNonNull(Nodes.at(reference, "name"));
        String store =
            cluster
                ? "ClusterSecretStore '%s'".formatted(name)
                : "SecretStore '%s' in the namespace %s"
                    .formatted(name, Namespaces.shown(object.namespace()));
        new Absences(evidence, findings)
            .tell(
                object,
                "the " + store,
                () -> evidence.cluster().locator().of(object, node, "name: " + name),
                "there is no " + store,
                cluster
                    ? "create the ClusterSecretStore, or name one that exists; where something else"
                        + " makes it: provided: [{ kind: ClusterSecretStore, name: %s, reason: … }]"
                            .formatted(name)
                    : RULE.remedy()
                        + " Where something else makes it: provided: [{ kind: SecretStore, name:"
                        + " %s, namespace: %s, reason: … }]"
                            .formatted(name, Namespaces.shown(object.namespace())));
      }
    }
  }

  private static List<SourceMapping> references(@Nullable SourceMapping spec) {
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
    return references;
  }
}
