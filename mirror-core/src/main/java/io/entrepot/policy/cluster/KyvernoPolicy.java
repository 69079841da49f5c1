package io.entrepot.policy.cluster;

import io.entrepot.oci.Repository;
import io.entrepot.policy.Policy;
import io.entrepot.policy.PolicyRule;
import io.entrepot.trust.SignaturePolicy;
import io.entrepot.trust.Signer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** A ClusterPolicy for Kyverno that asks for the policy's signers. */
public final class KyvernoPolicy {

  private KyvernoPolicy() {}

  /**
   * @param enforce whether to refuse; else it reports
   * @param except namespaces that are spared, beside {@code kube-system}
   */
  public static ClusterDocument of(
      Policy policy, Copies copies, boolean enforce, Collection<String> except) {
    List<String> notes = new ArrayList<>();
    SortedSet<String> spared = new TreeSet<>(except);
    spared.add("kube-system");
    StringBuilder rules = new StringBuilder();
    int number = 0;
    for (Map.Entry<PolicyRule, SortedMap<Repository, Repository>> each :
        copies.signed(policy).entrySet()) {
      number++;
      rules.append(rule(each.getKey(), each.getValue(), number, enforce, spared, notes));
    }
    if (rules.isEmpty()) {
      notes.add("No copy in mirror.yaml has a rule with signers: nothing is asked.");
    }
    String text =
        """
        # The signers that %s asks for, for Kyverno; patterns name our copies. kubectl apply -f -
        apiVersion: kyverno.io/v1
        kind: ClusterPolicy
        metadata:
          name: entrepot-signers
        spec:
          background: false
          webhookConfiguration:
            failurePolicy: Fail
            timeoutSeconds: 30
          rules:%s
        """
            .formatted(
                Yaml.name(policy),
                rules.isEmpty() ? " []" : "\n" + rules.toString().stripTrailing());
    return new ClusterDocument(text, notes);
  }

  private static String rule(
      PolicyRule rule,
      SortedMap<Repository, Repository> copies,
      int number,
      boolean enforce,
      Collection<String> spared,
      List<String> notes) {
    SignaturePolicy signatures = Signers.of(rule);
    List<Signer> signers = Signers.sayable(rule, notes);
    if (signers.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder();
    text.append(
        """
            - name: %s
              match:
                any:
                  - resources:
                      kinds: [Pod]
              exclude:
                any:
                  - resources:
                      namespaces: %s
              verifyImages:
                # SigstoreBundle: what cosign 3 and GitHub attach. Images that are signed in cosign's older layout take Cosign.
                - type: SigstoreBundle
                  imageReferences:
        """
            .formatted(
                Yaml.text(Signers.name(rule, number)),
                spared.stream().map(Yaml::text).collect(Collectors.joining(", ", "[", "]"))));
    for (Repository copy : copies.keySet()) {
      // A star at the name's end would take the neighbour's images for these.
      text.append("            - ").append(Yaml.text(copy + ":*")).append('\n');
      text.append("            - ").append(Yaml.text(copy + "@*")).append('\n');
    }
    text.append(
        """
                  failureAction: %s
                  mutateDigest: false
                  verifyDigest: true
                  required: true
        """
            .formatted(enforce ? "Enforce" : "Audit"));
    if (signatures.attestations().isEmpty()) {
      text.append(attestors(signers, 10));
    } else {
      text.append("          attestations:\n");
      for (String type : signatures.attestations()) {
        text.append("            - type: ").append(Yaml.text(type)).append('\n');
        text.append(attestors(signers, 14));
      }
    }
    return text.toString();
  }

  /** Any one of the signers. */
  private static String attestors(List<Signer> signers, int indent) {
    StringBuilder text = new StringBuilder("attestors:\n  - count: 1\n    entries:\n");
    for (Signer signer : signers) {
      switch (signer) {
        case Signer.OfKey key ->
            text.append("      # ")
                .append(key.name())
                .append(
                    """

                          - keys:
                              publicKeys: |
                    %s
                              rekor: { ignoreTlog: true }
                              ctlog: { ignoreSCT: true }
                    """
                        .formatted(Yaml.block(Signers.pem(key.key()), 12)));
        case Signer.Keyless keyless ->
            text.append(
                """
                      - keyless:
                          issuer: %s
                          subjectRegExp: %s
                          rekor: { url: "https://rekor.sigstore.dev" }
                """
                    .formatted(
                        Yaml.text(keyless.issuer()),
                        Yaml.text(Expressions.ofParts(keyless.identity().toString()))));
        case Signer.Notation _ ->
            throw new IllegalArgumentException("Kyverno does not check who of an authority signed");
      }
    }
    return text.toString().indent(indent);
  }
}
