package io.entrepot.policy.cluster;

import io.entrepot.oci.Repository;
import io.entrepot.policy.Policy;
import io.entrepot.policy.PolicyRule;
import io.entrepot.trust.SignaturePolicy;
import io.entrepot.trust.Signer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * ClusterImagePolicies for sigstore's policy-controller. An image has to pass all that name it, and
 * one authority of each suffices; so each demanded attestation is a policy of its own.
 */
public final class SigstorePolicy {

  private SigstorePolicy() {}

  /**
   * @param enforce whether to refuse; else it warns
   */
  public static ClusterDocument of(Policy policy, Copies copies, boolean enforce) {
    List<String> notes = new ArrayList<>();
    notes.add(
        "The policy-controller judges namespaces with the label policy.sigstore.dev/include=true;"
            + " which ones are spared is said there.");
    List<String> documents = new ArrayList<>();
    int number = 0;
    for (Map.Entry<PolicyRule, SortedMap<Repository, Repository>> each :
        copies.signed(policy).entrySet()) {
      number++;
      documents.addAll(documents(each.getKey(), each.getValue(), number, enforce, notes));
    }
    if (documents.isEmpty()) {
      notes.add("No copy in mirror.yaml has a rule with signers: nothing is asked.");
    }
    return new ClusterDocument(
        "# The signers that %s asks for, for sigstore's policy-controller; patterns name our copies.\n"
                .formatted(Yaml.name(policy))
            + String.join("---\n", documents),
        notes);
  }

  private static List<String> documents(
      PolicyRule rule,
      SortedMap<Repository, Repository> copies,
      int number,
      boolean enforce,
      List<String> notes) {
    SignaturePolicy signatures = Signers.of(rule);
    List<Signer> signers = Signers.sayable(rule, notes);
    if (signers.isEmpty()) {
      return List.of();
    }
    String name = Signers.name(rule, number);
    if (signatures.attestations().isEmpty()) {
      return List.of(document(name, copies, signers, Optional.empty(), enforce));
    }
    List<String> documents = new ArrayList<>();
    for (String type : signatures.attestations()) {
      documents.add(
          document(
              "%s-attestation-%d".formatted(name, documents.size() + 1),
              copies,
              signers,
              Optional.of(type),
              enforce));
    }
    return documents;
  }

  private static String document(
      String name,
      SortedMap<Repository, Repository> copies,
      List<Signer> signers,
      Optional<String> attestation,
      boolean enforce) {
    StringBuilder text =
        new StringBuilder(
            """
            apiVersion: policy.sigstore.dev/v1beta1
            kind: ClusterImagePolicy
            metadata:
              name: %s
            spec:
              mode: %s
              images:
            """
                .formatted(name, enforce ? "enforce" : "warn"));
    for (Repository copy : copies.keySet()) {
      // A star at the name's end would take the neighbour's images for these.
      text.append("    - glob: ").append(Yaml.text(copy + "@*")).append('\n');
      text.append("    - glob: ").append(Yaml.text(copy + ":*")).append('\n');
    }
    text.append("  authorities:\n");
    for (Signer signer : signers) {
      text.append(authority(signer));
      // What cosign 3 and GitHub attach.
      text.append("      signatureFormat: bundle\n");
      attestation.ifPresent(
          type ->
              text.append(
                  """
                        attestations:
                          - name: demanded
                            predicateType: %s
                  """
                      .formatted(Yaml.text(type))));
    }
    return text.toString();
  }

  private static String authority(Signer signer) {
    return switch (signer) {
      case Signer.OfKey key ->
          """
              # %s
              - key:
                  hashAlgorithm: sha256
                  data: |
          %s
          """
              .formatted(key.name(), Yaml.block(Signers.pem(key.key()), 10));
      case Signer.Keyless keyless ->
          """
              - keyless:
                  url: https://fulcio.sigstore.dev
                  identities:
                    - issuer: %s
                      subjectRegExp: %s
                ctlog:
                  url: https://rekor.sigstore.dev
          """
              .formatted(
                  Yaml.text(keyless.issuer()),
                  Yaml.text(Expressions.ofParts(keyless.identity().toString())));
      case Signer.Notation _ ->
          throw new IllegalArgumentException("the policy-controller knows no notation signatures");
    };
  }
}
