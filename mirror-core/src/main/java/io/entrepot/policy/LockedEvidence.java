package io.entrepot.policy;

import io.entrepot.lock.LockedSignature;
import io.entrepot.lock.LockedSigner;
import io.entrepot.trust.Evidence;
import io.entrepot.trust.SignaturePolicy;
import io.entrepot.trust.Signer;
import io.entrepot.trust.SignerIdentity;
import io.entrepot.trust.Verdict;
import java.util.List;
import java.util.Optional;

/** Evidence as a lock file keeps it, so that a policy can be asked again without a network. */
public final class LockedEvidence {

  private LockedEvidence() {}

  /** What is written down of a proved statement. */
  public static LockedSignature of(Evidence evidence) {
    LockedSigner signer =
        switch (evidence.identity()) {
          case SignerIdentity.OfKey(var fingerprint) ->
              new LockedSigner.OfKey(evidence.signer(), fingerprint);
          case SignerIdentity.Keyless(var name, var issuer) ->
              new LockedSigner.Keyless(name, issuer);
          case SignerIdentity.OfCertificate(var subject, var authority) ->
              new LockedSigner.Notation(subject, authority);
        };
    return new LockedSignature(signer, evidence.statement(), evidence.predicateType());
  }

  /**
   * Whether what was proved once meets what is demanded now. Keys and authorities are compared by
   * their fingerprints: another key under the same name is another signer.
   */
  public static boolean suffices(List<LockedSignature> proved, SignaturePolicy demanded) {
    return demanded.types().stream()
        .allMatch(
            type ->
                proved.stream()
                    .anyMatch(
                        signature ->
                            signature.type().equals(type)
                                && demanded.signers().stream()
                                    .anyMatch(signer -> is(signature.signer(), signer))));
  }

  /** What signatures come to that were proved once; empty where they do not say enough. */
  static Optional<Verdict> verdict(List<LockedSignature> proved, SignaturePolicy demanded) {
    if (suffices(proved, demanded)) {
      return Optional.of(
          new Verdict.Verified(
              proved.stream()
                  .filter(signature -> demanded.types().contains(signature.type()))
                  .filter(signature -> isOneOf(demanded, signature))
                  .map(LockedEvidence::evidence)
                  .toList()));
    }
    boolean others =
        !proved.isEmpty() && proved.stream().noneMatch(signature -> isOneOf(demanded, signature));
    return others
        ? Optional.of(
            new Verdict.WrongSigner(
                proved.stream().map(signature -> words(signature.signer())).distinct().toList()))
        : Optional.empty();
  }

  private static boolean isOneOf(SignaturePolicy demanded, LockedSignature signature) {
    return demanded.signers().stream().anyMatch(signer -> is(signature.signer(), signer));
  }

  private static Evidence evidence(LockedSignature signature) {
    SignerIdentity identity =
        switch (signature.signer()) {
          case LockedSigner.OfKey(var _, var fingerprint) -> new SignerIdentity.OfKey(fingerprint);
          case LockedSigner.Keyless(var name, var issuer) ->
              new SignerIdentity.Keyless(name, issuer);
          case LockedSigner.Notation(var subject, var authority) ->
              new SignerIdentity.OfCertificate(subject, authority);
        };
    return new Evidence(
        words(signature.signer()),
        identity,
        signature.statement(),
        signature.type(),
        Optional.empty(),
        List.of("lock"),
        List.of("that the registry still has the signature"));
  }

  private static String words(LockedSigner signer) {
    return switch (signer) {
      case LockedSigner.OfKey(var name, var fingerprint) ->
          "%s (sha256:%s…)".formatted(name, fingerprint.shortHex(12));
      case LockedSigner.Keyless(var identity, var issuer) -> "%s (%s)".formatted(identity, issuer);
      case LockedSigner.Notation(var subject, var _) -> "x509.subject: " + subject;
    };
  }

  private static boolean is(LockedSigner locked, Signer accepted) {
    return switch (accepted) {
      case Signer.OfKey key ->
          locked instanceof LockedSigner.OfKey(var _, var fingerprint)
              && fingerprint.equals(key.key().fingerprint());
      case Signer.Keyless keyless ->
          locked instanceof LockedSigner.Keyless(var identity, var issuer)
              && issuer.equals(keyless.issuer())
              && keyless.identity().matches(identity);
      case Signer.Notation notation ->
          locked instanceof LockedSigner.Notation(var subject, var authority)
              && authority.equals(notation.fingerprint())
              && notation.accepts(subject);
    };
  }
}
