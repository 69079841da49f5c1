package io.entrepot.policy.cluster;

import io.entrepot.policy.Demand;
import io.entrepot.policy.PolicyRule;
import io.entrepot.trust.SignaturePolicy;
import io.entrepot.trust.Signer;
import io.entrepot.trust.material.VerificationKey;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/** What guards of clusters are told about a rule's signers. */
final class Signers {

  private static final String PUBLIC_ROOTS =
      "Keyless signers are proved by sigstore's public roots; where trustedRoot names others, give them"
          + " to the guard too.";

  private Signers() {}

  static SignaturePolicy of(PolicyRule rule) {
    if (rule.demand() instanceof Demand.SignedBy(SignaturePolicy signatures)) {
      return signatures;
    }
    throw new IllegalArgumentException("a rule that asks for no signer: " + rule.position());
  }

  /**
   * Those of a rule whose identity the guards check.
   *
   * @param notes take who is left out, and why
   */
  static List<Signer> sayable(PolicyRule rule, List<String> notes) {
    List<Signer> all = of(rule).signers();
    List<Signer> signers =
        all.stream().filter(signer -> !(signer instanceof Signer.Notation)).toList();
    if (signers.size() < all.size()) {
      notes.add(
          "%s: the notation signer is left out: this guard would take anybody with a certificate of that authority."
              .formatted(rule.position()));
    }
    if (signers.isEmpty()) {
      notes.add(
          "%s: none of its signers can be said here, so nothing is printed for its images."
              .formatted(rule.position()));
    }
    if (signers.stream().anyMatch(signer -> signer instanceof Signer.Keyless)
        && !notes.contains(PUBLIC_ROOTS)) {
      notes.add(PUBLIC_ROOTS);
    }
    return signers;
  }

  static String pem(VerificationKey key) {
    return "-----BEGIN PUBLIC KEY-----\n"
        + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
            .encodeToString(key.encoded())
        + "\n-----END PUBLIC KEY-----\n";
  }

  /** A name for a rule's part of the document: what Kubernetes takes as one. */
  static String name(PolicyRule rule, int number) {
    String words = rule.match().toString().replaceAll("[^a-z0-9]+", "-").replaceAll("^-+|-+$", "");
    return "entrepot-%d-%s"
        .formatted(number, words.length() > 40 ? words.substring(0, 40) : words)
        .replaceAll("-+$", "");
  }
}
