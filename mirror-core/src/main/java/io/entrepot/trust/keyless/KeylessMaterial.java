package io.entrepot.trust.keyless;

import io.entrepot.trust.material.BrokenSignatureException;
import io.entrepot.trust.material.Bytes;
import io.entrepot.trust.material.Certificates;
import io.entrepot.trust.material.SignedArtifact;
import io.entrepot.trust.material.StrictJson;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Everything that comes with a keyless signature and can prove it.
 *
 * @param chain the signer's certificate first, then what may stand between it and a root
 * @param entries of signature logs
 * @param timestamps of authorities, RFC 3161 responses
 * @param proofRequired whether a log's promise alone is not enough, as in bundles from v0.2 on
 */
public record KeylessMaterial(
    List<X509Certificate> chain,
    List<LogEntry> entries,
    List<Bytes> timestamps,
    boolean proofRequired) {

  private static final int MAX_ITEMS = 32;

  /** Copies the lists. */
  public KeylessMaterial {
    chain = List.copyOf(chain);
    entries = List.copyOf(entries);
    timestamps = List.copyOf(timestamps);
  }

  /**
   * Reads a bundle's verification material; nothing where it is not by certificate.
   *
   * @throws BrokenSignatureException for material that cannot be read
   */
  public static Optional<KeylessMaterial> of(JsonNode material, boolean proofRequired) {
    List<X509Certificate> chain = new ArrayList<>();
    if (material.path("certificate").isObject()) {
      chain.add(Certificates.parse(StrictJson.base64(material.path("certificate"), "rawBytes")));
    } else if (material.path("x509CertificateChain").isObject()) {
      for (JsonNode each :
          capped(StrictJson.objects(material.path("x509CertificateChain"), "certificates"))) {
        chain.add(Certificates.parse(StrictJson.base64(each, "rawBytes")));
      }
    }
    if (chain.isEmpty()) {
      return Optional.empty();
    }
    List<LogEntry> entries = new ArrayList<>();
    for (JsonNode each : capped(StrictJson.objects(material, "tlogEntries"))) {
      entries.add(LogEntry.of(each));
    }
    List<Bytes> timestamps = new ArrayList<>();
    JsonNode data = material.path("timestampVerificationData");
    if (data.isObject()) {
      for (JsonNode each : capped(StrictJson.objects(data, "rfc3161Timestamps"))) {
        timestamps.add(StrictJson.base64(each, "signedTimestamp"));
      }
    }
    return Optional.of(new KeylessMaterial(chain, entries, timestamps, proofRequired));
  }

  /**
   * Proves a signature: its key is the certificate's, a log of the root holds it, and the
   * certificate was good, given out by an authority of the root and seen by a certificate log, at
   * each time that a log or a time stamp authority has signed.
   *
   * @throws BrokenSignatureException if one of these does not hold; says which
   */
  public ProvedSigner prove(TrustedRoot root, SignedArtifact artifact) {
    SignerCertificate signer = SignerCertificate.of(chain.getFirst());
    if (!signer.key().fits(artifact.signed(), artifact.signature())) {
      throw new BrokenSignatureException("the signature does not fit the certificate's key");
    }
    if (entries.isEmpty()) {
      throw new BrokenSignatureException("no log holds the signature");
    }
    List<Instant> times = new ArrayList<>();
    List<String> proofs = new ArrayList<>();
    for (LogEntry entry : entries) {
      LogEntry.Proved proved = entry.require(root, artifact, chain.getFirst(), proofRequired);
      proved.at().ifPresent(times::add);
      proofs.add("log " + proved.log() + " (" + proved.by() + ")");
    }
    stampedTimes(root, artifact, times, proofs);
    List<X509Certificate> between = chain.subList(1, chain.size());
    for (Instant at : times) {
      X509Certificate issuer = signer.requireAuthority(root, between, at);
      CertificateTimestamps.require(root, chain.getFirst(), issuer);
      entries.forEach(entry -> entry.requireBelieved(root, at));
    }
    proofs.add("certificate log");
    return new ProvedSigner(signer.issuer(), signer.identity(), times.getFirst(), proofs);
  }

  /** Adds the times of authorities; requires that there is a time at all. */
  private void stampedTimes(
      TrustedRoot root, SignedArtifact artifact, List<Instant> times, List<String> proofs) {
    List<String> reasons = new ArrayList<>();
    for (Bytes stamp : timestamps) {
      try {
        times.add(TimestampResponse.requireTime(root, stamp, artifact.signature()));
        proofs.add("time stamp");
      } catch (BrokenSignatureException e) {
        reasons.add(e.reason());
      }
    }
    if (times.isEmpty()) {
      throw new BrokenSignatureException(
          reasons.isEmpty() ? "nobody says when it was signed" : String.join("; ", reasons));
    }
  }

  private static List<JsonNode> capped(List<JsonNode> items) {
    if (items.size() > MAX_ITEMS) {
      throw new BrokenSignatureException(
          "%d certificates, log entries or time stamps; at most %d are taken"
              .formatted(items.size(), MAX_ITEMS));
    }
    return items;
  }
}
