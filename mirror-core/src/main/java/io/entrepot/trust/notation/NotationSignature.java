package io.entrepot.trust.notation;

import io.entrepot.oci.Descriptor;
import io.entrepot.trust.material.BrokenSignatureException;
import io.entrepot.trust.material.Certificates;
import io.entrepot.trust.material.StrictJson;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * A signature of the Notary Project (its "Signature Specification"): a payload that names the
 * signed manifest, and a chain of certificates up to a root that the verifier knows.
 */
public final class NotationSignature {

  /** How an envelope is written down, as its layer's media type says. */
  public enum Encoding {
    /** JSON. */
    JWS("application/jose+json"),
    /** CBOR. */
    COSE("application/cose");

    private final String mediaType;

    Encoding(String mediaType) {
      this.mediaType = mediaType;
    }

    /**
     * The encoding of a layer.
     *
     * @throws BrokenSignatureException for a type that is neither
     */
    public static Encoding of(String mediaType) {
      for (Encoding encoding : values()) {
        if (encoding.mediaType.equals(mediaType)) {
          return encoding;
        }
      }
      throw new BrokenSignatureException(
          "envelopes of the type %s are not understood".formatted(mediaType));
    }
  }

  private static final String PAYLOAD_TYPE = "application/vnd.cncf.notary.payload.v1+json";
  private static final String CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
  private static final Set<String> UNDERSTOOD =
      Set.of(SignatureEnvelope.SCHEME, SignatureEnvelope.EXPIRY);

  private final SignatureEnvelope envelope;

  private NotationSignature(SignatureEnvelope envelope) {
    this.envelope = envelope;
  }

  /**
   * Reads an envelope.
   *
   * @throws BrokenSignatureException for anything else
   */
  public static NotationSignature of(byte[] envelope, Encoding encoding) {
    return new NotationSignature(
        switch (encoding) {
          case JWS -> JwsEnvelope.of(envelope);
          case COSE -> CoseEnvelope.of(envelope);
        });
  }

  /** The subject of the signer's certificate. */
  public DistinguishedName signer() {
    return DistinguishedName.parse(envelope.chain().getFirst().getSubjectX500Principal().getName());
  }

  /**
   * Proves the signature.
   *
   * @param image the signed manifest: type, digest and size must all three be those signed
   * @param root the certificate authority that must have given out the signer's certificate
   * @param now the moment of judgement: who signs says itself when that was, and is not believed
   * @throws BrokenSignatureException if something does not hold; says what
   */
  public void prove(Descriptor image, X509Certificate root, Instant now) {
    requireHeaders(now);
    requireSignature();
    requireTarget(image);
    requireUsage();
    X509Certificate leaf = envelope.chain().getFirst();
    Certificates.requireChain(
        leaf, envelope.chain().subList(1, envelope.chain().size()), root, now);
  }

  private void requireHeaders(Instant now) {
    if (!envelope.contentType().equals(PAYLOAD_TYPE)) {
      throw new BrokenSignatureException("the payload is of another type");
    }
    for (String each : envelope.critical()) {
      if (!UNDERSTOOD.contains(each)) {
        throw new BrokenSignatureException(
            "the header '%s' is critical and not understood".formatted(each));
      }
    }
    if (!envelope.critical().contains(SignatureEnvelope.SCHEME)
        || !envelope.scheme().equals("notary.x509")) {
      throw new BrokenSignatureException("the signing scheme is not notary.x509, or not critical");
    }
    X509Certificate leaf = envelope.chain().getFirst();
    if (envelope.signedAt().isBefore(leaf.getNotBefore().toInstant())
        || envelope.signedAt().isAfter(leaf.getNotAfter().toInstant())) {
      throw new BrokenSignatureException("the certificate was not valid when it was signed");
    }
    envelope
        .expiry()
        .filter(expiry -> !now.isBefore(expiry))
        .ifPresent(
            expiry -> {
              throw new BrokenSignatureException("the signature has expired at " + expiry);
            });
  }

  /** The algorithm is the one that kind and length of the certificate's key ask for, no other. */
  private void requireSignature() {
    PublicKey key = envelope.chain().getFirst().getPublicKey();
    String needed =
        switch (key) {
          case RSAPublicKey rsa ->
              switch (rsa.getModulus().bitLength()) {
                case 2048 -> "PS256";
                case 3072 -> "PS384";
                case 4096 -> "PS512";
                default -> throw new BrokenSignatureException("an RSA key of an unusual length");
              };
          case ECPublicKey ec ->
              switch (ec.getParams().getOrder().bitLength()) {
                case 256 -> "ES256";
                case 384 -> "ES384";
                case 521 -> "ES512";
                default -> throw new BrokenSignatureException("an unusual elliptic curve");
              };
          default -> throw new BrokenSignatureException("a key for " + key.getAlgorithm());
        };
    String algorithm = envelope.algorithm();
    if (!algorithm.equals(needed)) {
      throw new BrokenSignatureException(
          "the algorithm is %s, the certificate's key asks for %s".formatted(algorithm, needed));
    }
    try {
      if (!verifier(needed, key).verify(envelope.signature().toArray())) {
        throw new BrokenSignatureException("the signature does not fit the certificate's key");
      }
    } catch (GeneralSecurityException e) {
      throw new BrokenSignatureException("the signature cannot be checked: " + e.getMessage(), e);
    }
  }

  private Signature verifier(String algorithm, PublicKey key) throws GeneralSecurityException {
    String bits = algorithm.substring(2);
    Signature verifier;
    if (algorithm.startsWith("PS")) {
      verifier = Signature.getInstance("RSASSA-PSS");
      verifier.setParameter(
          new PSSParameterSpec(
              "SHA-" + bits,
              "MGF1",
              new MGF1ParameterSpec("SHA-" + bits),
              Integer.parseInt(bits) / 8,
              PSSParameterSpec.TRAILER_FIELD_BC));
    } else {
      verifier = Signature.getInstance("SHA" + bits + "withECDSAinP1363Format");
    }
    verifier.initVerify(key);
    verifier.update(envelope.signed().toArray());
    return verifier;
  }

  private void requireTarget(Descriptor image) {
    JsonNode target =
        StrictJson.object(
            StrictJson.object(envelope.payload().toArray(), "the payload"), "targetArtifact");
    if (!StrictJson.text(target, "digest").equals(image.digest().toString())) {
      throw new BrokenSignatureException("it is of another digest");
    }
    if (!StrictJson.text(target, "mediaType").equals(image.mediaType().value())
        || StrictJson.number(target, "size") != image.size()) {
      throw new BrokenSignatureException("it is of this digest with another type or size");
    }
  }

  private void requireUsage() {
    X509Certificate leaf = envelope.chain().getFirst();
    try {
      List<String> usage = leaf.getExtendedKeyUsage();
      if (usage != null && !usage.contains(CODE_SIGNING)) {
        throw new BrokenSignatureException("the certificate is not for signing code");
      }
    } catch (CertificateParsingException e) {
      throw new BrokenSignatureException("the certificate's usage cannot be read", e);
    }
    boolean[] keyUsage = leaf.getKeyUsage();
    if (leaf.getBasicConstraints() >= 0 || keyUsage == null || !keyUsage[0]) {
      throw new BrokenSignatureException("the certificate is not for signatures");
    }
  }
}
