package io.entrepot.trust.keyless;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.Digest;
import io.entrepot.trust.material.BrokenSignatureException;
import io.entrepot.trust.material.Bytes;
import io.entrepot.trust.material.Pem;
import io.entrepot.trust.material.SignedArtifact;
import io.entrepot.trust.material.StrictJson;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/**
 * What a log has written down. A log proves something about a signature only where hash, signature
 * and certificate in it are all three those of that signature: an entry of another one proves
 * nothing here.
 */
final class EntryBody {

  private final JsonNode spec;
  private final String kind;

  private EntryBody(String kind, JsonNode spec) {
    this.kind = kind;
    this.spec = spec;
  }

  /** Reads a canonicalized body. */
  static EntryBody of(Bytes json) {
    JsonNode body = StrictJson.object(json.toArray(), "the log's entry");
    return new EntryBody(
        StrictJson.text(body, "kind") + " " + StrictJson.text(body, "apiVersion"),
        StrictJson.object(body, "spec"));
  }

  /** Kind and version, such as {@code dsse 0.0.1}. */
  String kind() {
    return kind;
  }

  /** Whether it is an entry of Rekor v2, whose bodies name their kind once more. */
  boolean isOfSecondLog() {
    return spec.has("hashedRekordV002") || spec.has("dsseV002");
  }

  /**
   * Requires that the entry is of this signature.
   *
   * @throws BrokenSignatureException if hash, signature or certificate differ
   */
  void requireOf(SignedArtifact artifact, X509Certificate certificate) {
    switch (kind) {
      case "hashedrekord 0.0.1" -> {
        JsonNode signature = StrictJson.object(spec, "signature");
        requireHash(StrictJson.object(StrictJson.object(spec, "data"), "hash"), artifact.digest());
        requireSignature(StrictJson.base64(signature, "content"), artifact);
        requireCertificate(
            pem(StrictJson.base64(StrictJson.object(signature, "publicKey"), "content")),
            certificate);
      }
      case "hashedrekord 0.0.2" -> {
        JsonNode entry = StrictJson.object(spec, "hashedRekordV002");
        requireDigest(StrictJson.object(entry, "data"), artifact.signed());
        requireVerifier(StrictJson.object(entry, "signature"), artifact, certificate);
      }
      case "dsse 0.0.1" -> {
        requireHash(StrictJson.object(spec, "payloadHash"), payload(artifact));
        JsonNode signature = only(StrictJson.objects(spec, "signatures"));
        requireSignature(StrictJson.base64(signature, "signature"), artifact);
        requireCertificate(pem(StrictJson.base64(signature, "verifier")), certificate);
      }
      case "dsse 0.0.2" -> {
        JsonNode entry = StrictJson.object(spec, "dsseV002");
        JsonNode hash = StrictJson.object(entry, "payloadHash");
        requireEqual(
            StrictJson.base64(hash, "digest"), Bytes.ofHex(payload(artifact).hex()), "payload");
        requireVerifier(only(StrictJson.objects(entry, "signatures")), artifact, certificate);
      }
      case "intoto 0.0.2" -> {
        JsonNode content = StrictJson.object(spec, "content");
        requireHash(StrictJson.object(content, "payloadHash"), payload(artifact));
        JsonNode signature =
            only(StrictJson.objects(StrictJson.object(content, "envelope"), "signatures"));
        // The log encodes the text that stands in the envelope, which is encoded already.
        String encoded = new String(StrictJson.base64(signature, "sig").toArray(), US_ASCII);
        requireSignature(StrictJson.base64(encoded, "sig"), artifact);
        requireCertificate(pem(StrictJson.base64(signature, "publicKey")), certificate);
      }
      default -> throw new BrokenSignatureException("the log's entry is of the kind " + kind);
    }
  }

  private static Digest payload(SignedArtifact artifact) {
    return artifact
        .envelopePayload()
        .orElseThrow(
            () -> new BrokenSignatureException("the log's entry is of an envelope, this is none"));
  }

  private static JsonNode only(List<JsonNode> signatures) {
    if (signatures.size() != 1) {
      throw new BrokenSignatureException(
          "the log's entry holds %d signatures; one is needed".formatted(signatures.size()));
    }
    return signatures.getFirst();
  }

  private static void requireHash(JsonNode hash, Digest expected) {
    boolean known = StrictJson.text(hash, "algorithm").toLowerCase(Locale.ROOT).equals("sha256");
    if (!known || !StrictJson.text(hash, "value").equals(expected.hex())) {
      throw new BrokenSignatureException("the log's entry is of other content");
    }
  }

  private static void requireDigest(JsonNode data, Bytes signed) {
    String algorithm =
        switch (StrictJson.text(data, "algorithm")) {
          case "SHA2_256" -> "SHA-256";
          case "SHA2_384" -> "SHA-384";
          case "SHA2_512" -> "SHA-512";
          default -> throw new BrokenSignatureException("the log's entry uses an unknown hash");
        };
    try {
      requireEqual(
          StrictJson.base64(data, "digest"),
          Bytes.of(MessageDigest.getInstance(algorithm).digest(signed.toArray())),
          "content");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no " + algorithm, e);
    }
  }

  private static void requireVerifier(
      JsonNode signature, SignedArtifact artifact, X509Certificate certificate) {
    requireSignature(StrictJson.base64(signature, "content"), artifact);
    JsonNode verifier = StrictJson.object(signature, "verifier");
    requireCertificate(
        StrictJson.base64(StrictJson.object(verifier, "x509Certificate"), "rawBytes"), certificate);
  }

  private static void requireSignature(Bytes logged, SignedArtifact artifact) {
    requireEqual(logged, artifact.signature(), "signature");
  }

  private static void requireCertificate(Bytes logged, X509Certificate certificate) {
    try {
      requireEqual(logged, Bytes.of(certificate.getEncoded()), "certificate");
    } catch (CertificateEncodingException e) {
      throw new BrokenSignatureException("the certificate cannot be written", e);
    }
  }

  private static void requireEqual(Bytes logged, Bytes ours, String what) {
    if (!logged.equals(ours)) {
      throw new BrokenSignatureException("the log's entry is of another " + what);
    }
  }

  /** The one certificate of a PEM text. */
  private static Bytes pem(Bytes text) {
    List<Bytes> blocks = Pem.blocks(new String(text.toArray(), UTF_8), "CERTIFICATE");
    if (blocks.size() != 1) {
      throw new BrokenSignatureException("the log's entry names no certificate");
    }
    return blocks.getFirst();
  }
}
