package io.entrepot.trust;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.trust.keyless.KeylessMaterial;
import io.entrepot.trust.keyless.ProvedSigner;
import io.entrepot.trust.material.BrokenSignatureException;
import io.entrepot.trust.material.Bytes;
import io.entrepot.trust.material.SignedArtifact;
import io.entrepot.trust.notation.NotationSignature;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One image under one policy: takes what hangs on it, one after the other, and comes to a verdict.
 */
final class Judgement implements AttachedReader.Visitor {

  /** Reasons that are kept: a hundred broken signatures need no hundred lines. */
  private static final int MAX_REASONS = 8;

  private final SignaturePolicy policy;
  private final Descriptor image;
  private final Instant now;
  private final Set<String> demanded;

  private final Map<String, Evidence> proved = new LinkedHashMap<>();
  private final Set<String> others = new LinkedHashSet<>();
  private final Set<String> broken = new LinkedHashSet<>();
  private final Set<String> unseen = new LinkedHashSet<>();

  Judgement(SignaturePolicy policy, Descriptor image, Instant now) {
    this.policy = policy;
    this.image = image;
    this.now = now;
    this.demanded = policy.types();
  }

  @Override
  public boolean found(Attached attached) {
    try {
      switch (attached) {
        case Attached.Envelope(var envelope, var keyless, var hint) -> {
          Statement statement = Statement.of(envelope);
          // Whatever else is stated, by whomever, was not asked for.
          if (demanded.contains(statement.predicateType())) {
            for (Bytes signature : envelope.signatures()) {
              SignedArtifact artifact =
                  new SignedArtifact(
                      envelope.signedBytes(), signature, Optional.of(envelope.payloadDigest()));
              judge(artifact, statement, envelope.payloadDigest(), keyless, hint);
            }
          }
        }
        case Attached.Simple(var payload, var signature, var keyless) ->
            judge(
                new SignedArtifact(payload, signature, Optional.empty()),
                Statement.ofSimpleSigning(payload),
                Digest.of(payload.toArray()),
                keyless,
                Optional.empty());
        case Attached.Notary(var envelope, var encoding) -> judgeNotary(envelope, encoding);
      }
    } catch (BrokenSignatureException e) {
      broken(e.reason());
    }
    return proved.keySet().containsAll(demanded);
  }

  @Override
  public void broken(String reason) {
    keep(broken, reason);
  }

  @Override
  public void unseen(String reason) {
    keep(unseen, reason);
  }

  /** What comes of all that was found. */
  Verdict verdict() {
    if (proved.keySet().containsAll(demanded)) {
      return new Verdict.Verified(List.copyOf(proved.values()));
    }
    if (!unseen.isEmpty()) {
      return new Verdict.Unjudged(List.copyOf(unseen));
    }
    if (!policy.attestations().isEmpty()) {
      List<String> missing =
          policy.attestations().stream().filter(type -> !proved.containsKey(type)).toList();
      List<String> reasons = new ArrayList<>(broken);
      others.forEach(who -> reasons.add("stated by " + who));
      return new Verdict.AttestationMissing(missing, reasons);
    }
    if (!broken.isEmpty()) {
      return new Verdict.Invalid(List.copyOf(broken));
    }
    return others.isEmpty() ? new Verdict.Unsigned() : new Verdict.WrongSigner(List.copyOf(others));
  }

  private void judge(
      SignedArtifact artifact,
      Statement statement,
      Digest payload,
      Optional<KeylessMaterial> keyless,
      Optional<String> hint) {
    if (keyless.isPresent()) {
      judgeKeyless(artifact, statement, payload, keyless.get());
      return;
    }
    boolean named = false;
    for (Signer signer : policy.signers()) {
      if (signer instanceof Signer.OfKey key) {
        if (key.key().fits(artifact.signed(), artifact.signature())) {
          accept(
              statement,
              new Evidence(
                  signer.name(),
                  new SignerIdentity.OfKey(key.key().fingerprint()),
                  payload,
                  statement.predicateType(),
                  Optional.empty(),
                  List.of("key"),
                  List.of("when it was signed", "that a log holds it")));
          return;
        }
        named = named || hint.filter(key.key().hint()::equals).isPresent();
      }
    }
    if (named) {
      throw new BrokenSignatureException("the signature does not fit the key that it names");
    }
    keep(others, hint.map(each -> "another key (" + each + ")").orElse("another key"));
  }

  private void judgeKeyless(
      SignedArtifact artifact, Statement statement, Digest payload, KeylessMaterial material) {
    Set<String> reasons = new LinkedHashSet<>();
    Set<String> found = new LinkedHashSet<>();
    for (Signer signer : policy.signers()) {
      if (signer instanceof Signer.Keyless keyless) {
        try {
          ProvedSigner who = material.prove(keyless.root(), artifact);
          if (who.issuer().equals(keyless.issuer()) && keyless.identity().matches(who.identity())) {
            accept(
                statement,
                new Evidence(
                    signer.name(),
                    new SignerIdentity.Keyless(who.identity(), who.issuer()),
                    payload,
                    statement.predicateType(),
                    Optional.of(who.at()),
                    who.proofs(),
                    List.of()));
            return;
          }
          found.add(who.identity() + " (" + who.issuer() + ")");
        } catch (BrokenSignatureException e) {
          reasons.add(e.reason());
        }
      }
    }
    if (found.isEmpty() && !reasons.isEmpty()) {
      throw new BrokenSignatureException(String.join("; ", reasons));
    }
    if (found.isEmpty()) {
      found.add("a certificate's holder");
    }
    found.forEach(who -> keep(others, who));
  }

  private void judgeNotary(Bytes envelope, NotationSignature.Encoding encoding) {
    NotationSignature signature = NotationSignature.of(envelope.toArray(), encoding);
    Set<String> reasons = new LinkedHashSet<>();
    for (Signer signer : policy.signers()) {
      if (signer instanceof Signer.Notation notation) {
        try {
          signature.prove(image, notation.root(), now);
        } catch (BrokenSignatureException e) {
          reasons.add(e.reason());
          continue;
        }
        if (notation.subject().fits(signature.signer())) {
          proved.put(
              Statement.SIGNATURE,
              new Evidence(
                  signer.name(),
                  new SignerIdentity.OfCertificate(
                      signature.signer().toString(), notation.fingerprint()),
                  Digest.of(envelope.toArray()),
                  Statement.SIGNATURE,
                  Optional.empty(),
                  List.of("certificate authority"),
                  List.of("when it was signed", "that the certificate was not revoked")));
          return;
        }
        keep(others, signature.signer().toString());
        return;
      }
    }
    throw new BrokenSignatureException(String.join("; ", reasons));
  }

  /** The signature is an accepted signer's; whether it is about this image is asked last. */
  private void accept(Statement statement, Evidence evidence) {
    if (!statement.isAbout(image.digest())) {
      throw new BrokenSignatureException(
          "%s has signed something else, not this digest".formatted(evidence.signer()));
    }
    proved.putIfAbsent(statement.predicateType(), evidence);
  }

  private static void keep(Set<String> reasons, String reason) {
    if (reasons.size() < MAX_REASONS) {
      reasons.add(reason);
    }
  }
}
