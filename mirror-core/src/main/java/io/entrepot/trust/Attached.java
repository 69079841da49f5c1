package io.entrepot.trust;

import io.entrepot.trust.keyless.KeylessMaterial;
import io.entrepot.trust.keyless.LogEntry;
import io.entrepot.trust.material.BrokenSignatureException;
import io.entrepot.trust.material.Bytes;
import io.entrepot.trust.material.Certificates;
import io.entrepot.trust.material.DsseEnvelope;
import io.entrepot.trust.material.StrictJson;
import io.entrepot.trust.notation.NotationSignature;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Something signed that hangs on an image. */
sealed interface Attached {

  /**
   * A signed envelope: of a sigstore bundle, or of the old layout's attestations.
   *
   * @param keyless what comes with a signature by certificate
   * @param hint which key has signed, as the bundle says; helps to tell, proves nothing
   */
  record Envelope(DsseEnvelope envelope, Optional<KeylessMaterial> keyless, Optional<String> hint)
      implements Attached {}

  /** A signature of the old layout: payload and signature apart. */
  record Simple(Bytes payload, Bytes signature, Optional<KeylessMaterial> keyless)
      implements Attached {}

  /** An envelope of the Notary Project. */
  record Notary(Bytes envelope, NotationSignature.Encoding encoding) implements Attached {}

  /** The old layout's annotations (cosign, "Signature Specification"). */
  String SIGNATURE = "dev.cosignproject.cosign/signature";

  /**
   * Reads a sigstore bundle.
   *
   * @throws BrokenSignatureException for anything but a statement with one signature
   */
  static Envelope ofBundle(Bytes json) {
    JsonNode bundle = StrictJson.object(json.toArray(), "the bundle");
    BundleVersion version = BundleVersion.of(StrictJson.text(bundle, "mediaType"));
    if (!bundle.path("dsseEnvelope").isObject()) {
      throw new BrokenSignatureException("the bundle holds no statement");
    }
    DsseEnvelope envelope = DsseEnvelope.of(bundle.path("dsseEnvelope"));
    if (envelope.signatures().size() != 1) {
      throw new BrokenSignatureException(
          "the bundle holds %d signatures; one is needed".formatted(envelope.signatures().size()));
    }
    JsonNode material = StrictJson.object(bundle, "verificationMaterial");
    JsonNode hint = material.path("publicKey").path("hint");
    return new Envelope(
        envelope,
        KeylessMaterial.of(material, version.proofRequired),
        hint.isString() ? Optional.of(hint.asString()) : Optional.empty());
  }

  /**
   * Reads an attestation of the old layout.
   *
   * @param annotations of the layer that holds it
   */
  static Envelope ofOldAttestation(Bytes json, Map<String, String> annotations) {
    return new Envelope(
        DsseEnvelope.of(StrictJson.object(json.toArray(), "the attestation")),
        keyless(annotations),
        Optional.empty());
  }

  /** Reads a signature of the old layout; the signature stands in an annotation. */
  static Simple ofOldSignature(Bytes payload, Map<String, String> annotations) {
    String signature = annotations.get(SIGNATURE);
    if (signature == null || signature.isBlank()) {
      throw new BrokenSignatureException("a layer without its signature");
    }
    return new Simple(payload, StrictJson.base64(signature, "the signature"), keyless(annotations));
  }

  private static Optional<KeylessMaterial> keyless(Map<String, String> annotations) {
    String certificate = annotations.getOrDefault("dev.sigstore.cosign/certificate", "");
    if (certificate.isBlank()) {
      return Optional.empty();
    }
    List<X509Certificate> chain = new ArrayList<>(Certificates.parsePem(certificate));
    chain.addAll(Certificates.parsePem(annotations.getOrDefault("dev.sigstore.cosign/chain", "")));
    if (chain.isEmpty()) {
      throw new BrokenSignatureException("the certificate beside the signature cannot be read");
    }
    List<LogEntry> entries = new ArrayList<>();
    String entry = annotations.getOrDefault("dev.sigstore.cosign/bundle", "");
    if (!entry.isBlank()) {
      entries.add(LogEntry.ofAnnotation(entry));
    }
    List<Bytes> timestamps = new ArrayList<>();
    String stamp = annotations.getOrDefault("dev.sigstore.cosign/rfc3161timestamp", "");
    if (!stamp.isBlank()) {
      timestamps.add(
          StrictJson.base64(
              StrictJson.object(
                  stamp.getBytes(StandardCharsets.UTF_8), "the time stamp's annotation"),
              "SignedRFC3161Timestamp"));
    }
    return Optional.of(new KeylessMaterial(chain, entries, timestamps, false));
  }

  /** Versions of sigstore's bundle; from 0.2 on a log's promise alone is not enough. */
  enum BundleVersion {
    V0_1(false, "application/vnd.dev.sigstore.bundle+json;version=0.1"),
    V0_2(true, "application/vnd.dev.sigstore.bundle+json;version=0.2"),
    V0_3_OF_OLD(true, "application/vnd.dev.sigstore.bundle+json;version=0.3"),
    V0_3(true, "application/vnd.dev.sigstore.bundle.v0.3+json");

    private final boolean proofRequired;
    private final String mediaType;

    BundleVersion(boolean proofRequired, String mediaType) {
      this.proofRequired = proofRequired;
      this.mediaType = mediaType;
    }

    static BundleVersion of(String mediaType) {
      for (BundleVersion version : values()) {
        if (version.mediaType.equals(mediaType)) {
          return version;
        }
      }
      throw new BrokenSignatureException("the bundle is of the unknown type " + mediaType);
    }

    static boolean isBundle(String mediaType) {
      return mediaType.startsWith("application/vnd.dev.sigstore.bundle");
    }
  }
}
