package io.entrepot.policy.cluster;

import io.entrepot.oci.Repository;
import io.entrepot.policy.Policy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A ValidatingAdmissionPolicy with its binding: only copies of ours, only by digest, nothing that
 * is denied. The API server evaluates it itself; it asks nobody, so it knows no ages and no
 * signers.
 */
public final class KubernetesPolicy {

  /** The namespace without which a cluster does not start. */
  private static final String SPARED = "kube-system";

  private KubernetesPolicy() {}

  /**
   * @param enforce whether to refuse; else it warns and writes into the audit log
   * @param except namespaces that are spared, beside {@code kube-system}
   */
  public static ClusterDocument of(
      Policy policy, Copies copies, boolean enforce, Collection<String> except) {
    SortedSet<String> spared = new TreeSet<>(except);
    spared.add(SPARED);
    String text =
        """
        # Only copies below our target, only by digest, nothing that %1$s denies. Kubernetes 1.30 or newer.
        # kubectl apply -f - ; print it again when the target or what is denied changes.
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicy
        metadata:
          name: entrepot-images
        spec:
          failurePolicy: Fail
          matchConstraints:
            resourceRules:
              - apiGroups: [""]
                apiVersions: ["v1"]
                operations: ["CREATE", "UPDATE"]
                resources: ["pods", "pods/ephemeralcontainers", "replicationcontrollers"]
              - apiGroups: ["apps"]
                apiVersions: ["v1"]
                operations: ["CREATE", "UPDATE"]
                resources: ["deployments", "statefulsets", "daemonsets", "replicasets"]
              - apiGroups: ["batch"]
                apiVersions: ["v1"]
                operations: ["CREATE", "UPDATE"]
                resources: ["jobs", "cronjobs"]
          matchConditions:
            # What goes away may go, and labels of what runs already may change.
            - name: not-being-deleted
              expression: "!has(object.metadata.deletionTimestamp)"
            - name: specification-changes
              expression: request.operation != 'UPDATE' || object.spec != oldObject.spec
          variables:
            - name: podSpec
              expression: >-
                has(object.spec.jobTemplate) ? object.spec.jobTemplate.spec.template.spec
                : has(object.spec.template) ? object.spec.template.spec
                : object.spec
            # Of containers, init containers (sidecars are some of them), ephemeral containers, and volumes.
            - name: images
              expression: >-
                variables.podSpec.containers.map(c, has(c.image) ? c.image : '')
                + (has(variables.podSpec.initContainers)
                ? variables.podSpec.initContainers.map(c, has(c.image) ? c.image : '') : [])
                + (has(variables.podSpec.ephemeralContainers)
                ? variables.podSpec.ephemeralContainers.map(c, has(c.image) ? c.image : '') : [])
                + (has(variables.podSpec.volumes)
                ? variables.podSpec.volumes.filter(v, has(v.image)).map(v, has(v.image.reference) ? v.image.reference : '') : [])
            - name: foreign
              expression: >-
                variables.images.filter(i, !i.matches(r'%2$s'))
            - name: unpinned
              expression: >-
                variables.images.filter(i, !i.matches(r'@%3$s$'))
        %4$s\
          validations:
            - expression: variables.foreign.size() == 0
              reason: Forbidden
              messageExpression: >-
                'no copies of ours: ' + variables.foreign.join(', ') + '; mirror them (mirror.yaml) and write the copies: entrepot pin'
            - expression: variables.unpinned.size() == 0
              reason: Forbidden
              messageExpression: >-
                'not pinned by a digest: ' + variables.unpinned.join(', ') + '; write it: entrepot pin'
        %5$s\
        ---
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicyBinding
        metadata:
          name: entrepot-images
        spec:
          policyName: entrepot-images
          validationActions: %6$s
          matchResources:
            namespaceSelector:
              matchExpressions:
                - key: kubernetes.io/metadata.name
                  operator: NotIn
                  values: %7$s
        """
            .formatted(
                Yaml.name(policy),
                ours(copies),
                Expressions.DIGEST,
                deniedVariable(policy, copies),
                deniedValidation(policy, copies),
                enforce ? "[Deny]" : "[Audit, Warn]",
                spared.stream().map(Yaml::text).collect(Collectors.joining(", ", "[", "]")));
    List<String> notes = new ArrayList<>();
    notes.add(
        "It asks no registry: ages and signatures are judged by mirror, pin, check and serve%s."
            .formatted(
                copies.signed(policy).isEmpty()
                    ? ""
                    : ", signatures in the cluster by --kyverno or --sigstore"));
    if (!enforce) {
      notes.add("It warns and audits; --enforce refuses.");
    }
    return new ClusterDocument(text, notes);
  }

  /** What a copy's reference looks like from the first character to the last. */
  private static String ours(Copies copies) {
    List<String> names = new ArrayList<>();
    copies
        .below()
        .ifPresent(
            all -> names.add(Expressions.quoted(all.toString()) + "/" + Expressions.NAME_BELOW));
    copies.elsewhere().forEach(copy -> names.add(Expressions.quoted(copy.toString())));
    return "^(?:%s)(?::%s)?(?:@%s)?$"
        .formatted(String.join("|", names), Expressions.TAG, Expressions.DIGEST);
  }

  private static String deniedVariable(Policy policy, Copies copies) {
    if (!denies(policy, copies)) {
      return "";
    }
    List<String> ways = new ArrayList<>();
    if (!policy.denied().isEmpty()) {
      ways.add("i.matches(r'@%s$')".formatted(Expressions.anyOf(policy.denied().keySet())));
    }
    SortedSet<Repository> repositories = copies.denied(policy);
    if (!repositories.isEmpty()) {
      ways.add("i.matches(r'^%s(?:[:@].*)?$')".formatted(Expressions.anyOf(repositories)));
    }
    return """
        - name: denied
          expression: >-
            variables.images.filter(i, %s)
    """
        .formatted(String.join(" || ", ways));
  }

  private static String deniedValidation(Policy policy, Copies copies) {
    if (!denies(policy, copies)) {
      return "";
    }
    return """
        - expression: variables.denied.size() == 0
          reason: Forbidden
          messageExpression: >-
            'denied: ' + variables.denied.join(', ') + '; %s says why'
    """
        .formatted(Yaml.name(policy));
  }

  private static boolean denies(Policy policy, Copies copies) {
    return !policy.denied().isEmpty() || !copies.denied(policy).isEmpty();
  }
}
