package io.entrepot.trust.keyless;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.trust.material.BrokenSignatureException;
import io.entrepot.trust.material.Bytes;
import io.entrepot.trust.material.SignedArtifact;
import io.entrepot.trust.material.StrictJson;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * An entry of a signature log with what proves it: the log's promise (a "signed entry timestamp",
 * Rekor v1), a proof of inclusion, or both.
 *
 * @param integratedTime seconds since 1970; 0 where the log gives no times (Rekor v2)
 */
public record LogEntry(
    Bytes logId,
    long logIndex,
    long integratedTime,
    Optional<Bytes> promise,
    Optional<InclusionProof> proof,
    Bytes body) {

  /** What an entry has proved: where the log lies, by what, and when the log saw it. */
  record Proved(String log, String by, Optional<Instant> at) {}

  /**
   * Reads an entry of a bundle ({@code TransparencyLogEntry} as JSON).
   *
   * @throws BrokenSignatureException for anything else, and where kind or index beside the entry
   *     are not those that the log has written down
   */
  static LogEntry of(JsonNode entry) {
    LogEntry read = read(entry);
    EntryBody body = EntryBody.of(read.body);
    JsonNode kind = entry.path("kindVersion");
    if (kind.isObject()
        && !body.kind()
            .equals(StrictJson.text(kind, "kind") + " " + StrictJson.text(kind, "version"))) {
      throw new BrokenSignatureException(
          "kindVersion names another kind of entry than the log's, %s".formatted(body.kind()));
    }
    // The first log's trees were split: only the second's have one index for an entry.
    if (body.isOfSecondLog()
        && read.proof.isPresent()
        && read.proof.get().index() != read.logIndex) {
      throw new BrokenSignatureException("logIndex is not the inclusion proof's");
    }
    return read;
  }

  private static LogEntry read(JsonNode entry) {
    JsonNode promise = entry.path("inclusionPromise");
    JsonNode proof = entry.path("inclusionProof");
    return new LogEntry(
        StrictJson.base64(StrictJson.object(entry, "logId"), "keyId"),
        StrictJson.numberOrZero(entry, "logIndex"),
        StrictJson.numberOrZero(entry, "integratedTime"),
        promise.isObject()
            ? Optional.of(StrictJson.base64(promise, "signedEntryTimestamp"))
            : Optional.empty(),
        proof.isObject() ? Optional.of(InclusionProof.of(proof)) : Optional.empty(),
        StrictJson.base64(entry, "canonicalizedBody"));
  }

  /**
   * Reads what {@code cosign} writes beside a signature of the old layout, in the annotation {@code
   * dev.sigstore.cosign/bundle}: promise and body, no proof of inclusion.
   *
   * @throws BrokenSignatureException for anything else
   */
  public static LogEntry ofAnnotation(String json) {
    JsonNode bundle = StrictJson.object(json.getBytes(UTF_8), "the log's annotation");
    JsonNode payload = StrictJson.object(bundle, "Payload");
    Bytes logId;
    try {
      logId = Bytes.ofHex(StrictJson.text(payload, "logID"));
    } catch (IllegalArgumentException e) {
      throw new BrokenSignatureException("logID is no hex", e);
    }
    return new LogEntry(
        logId,
        StrictJson.numberOrZero(payload, "logIndex"),
        StrictJson.numberOrZero(payload, "integratedTime"),
        Optional.of(StrictJson.base64(bundle, "SignedEntryTimestamp")),
        Optional.empty(),
        StrictJson.base64(payload, "body"));
  }

  /**
   * Requires that a log of the trusted root holds this entry, and that it is of this signature.
   *
   * @param proofRequired whether the log's promise alone is not enough
   * @throws BrokenSignatureException otherwise
   */
  Proved require(
      TrustedRoot root,
      SignedArtifact artifact,
      X509Certificate certificate,
      boolean proofRequired) {
    TrustedRoot.Log log =
        root.signatureLog(logId)
            .orElseThrow(
                () ->
                    new BrokenSignatureException(
                        "the trusted root does not know the log of the entry"));
    EntryBody read = EntryBody.of(body);
    read.requireOf(artifact, certificate);
    Optional<Instant> at = Optional.empty();
    if (promise.isPresent()) {
      if (!log.key().fits(Bytes.of(promised()), promise.get())) {
        throw new BrokenSignatureException("the log's promise does not fit its entry");
      }
      if (integratedTime > 0) {
        at = Optional.of(Instant.ofEpochSecond(integratedTime));
      }
    }
    proof.ifPresent(each -> each.require(body, log));
    if (proof.isEmpty() && (proofRequired || promise.isEmpty())) {
      throw new BrokenSignatureException("there is no proof that the log holds the entry");
    }
    at.ifPresent(moment -> requireBelieved(log, moment));
    return new Proved(log.host(), proof.isPresent() ? "inclusion proof" : "promise", at);
  }

  /** Requires that the log's key was believed at a moment. */
  void requireBelieved(TrustedRoot root, Instant at) {
    root.signatureLog(logId).ifPresent(log -> requireBelieved(log, at));
  }

  private static void requireBelieved(TrustedRoot.Log log, Instant at) {
    if (!log.validity().covers(at)) {
      throw new BrokenSignatureException(
          "the log %s is not believed at %s".formatted(log.host(), at));
    }
  }

  /** What the promise is signed over: canonical JSON (RFC 8785) of four fields. */
  private byte[] promised() {
    return "{\"body\":\"%s\",\"integratedTime\":%d,\"logID\":\"%s\",\"logIndex\":%d}"
        .formatted(
            Base64.getEncoder().encodeToString(body.toArray()), integratedTime, logId, logIndex)
        .getBytes(UTF_8);
  }
}
