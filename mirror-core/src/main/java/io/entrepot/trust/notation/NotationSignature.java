package io.entrepot.trust.notation;

import static java.nio.charset.StandardCharsets.US_ASCII;

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
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * A signature of the Notary Project in a JWS envelope (its "Signature Specification" and "JWS
 * Signature Envelope"): a payload that names the signed manifest, and a chain of certificates up to
 * a root that the verifier knows.
 */
public final class NotationSignature {

  private static final String SCHEME = "io.cncf.notary.signingScheme";
  private static final String EXPIRY = "io.cncf.notary.expiry";
  private static final String SIGNING_TIME = "io.cncf.notary.signingTime";
  private static final String PAYLOAD_TYPE = "application/vnd.cncf.notary.payload.v1+json";
  private static final String CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
  private static final Set<String> CRITICAL = Set.of(SCHEME, EXPIRY);
  private static final int MAX_CHAIN = 8;

  private final JsonNode headers;
  private final byte[] signed;
  private final byte[] payload;
  private final byte[] signature;
  private final List<X509Certificate> chain;

  private NotationSignature(JsonNode envelope) {
    String headerText = StrictJson.text(envelope, "protected");
    String payloadText = StrictJson.text(envelope, "payload");
    this.headers = StrictJson.object(decoded(headerText, "protected"), "the protected header");
    this.payload = decoded(payloadText, "payload");
    this.signed = (headerText + "." + payloadText).getBytes(US_ASCII);
    this.signature = decoded(StrictJson.text(envelope, "signature"), "signature");
    this.chain = chain(StrictJson.object(envelope, "header"));
  }

  /**
   * Reads an envelope.
   *
   * @throws BrokenSignatureException for anything else
   */
  public static NotationSignature of(byte[] envelope) {
    return new NotationSignature(StrictJson.object(envelope, "the signature envelope"));
  }

  /** The subject of the signer's certificate. */
  public DistinguishedName signer() {
    return DistinguishedName.parse(chain.getFirst().getSubjectX500Principal().getName());
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
    X509Certificate leaf = chain.getFirst();
    Certificates.requireChain(leaf, chain.subList(1, chain.size()), root, now);
  }

  private void requireHeaders(Instant now) {
    if (!StrictJson.text(headers, "cty").equals(PAYLOAD_TYPE)) {
      throw new BrokenSignatureException("the payload is of another type");
    }
    List<String> critical = new ArrayList<>();
    for (JsonNode each : headers.path("crit")) {
      critical.add(each.asString(""));
    }
    for (String each : critical) {
      if (!CRITICAL.contains(each)) {
        throw new BrokenSignatureException(
            "the header '%s' is critical and not understood".formatted(each));
      }
      if (headers.path(each).isMissingNode()) {
        throw new BrokenSignatureException("the critical header " + each + " is missing");
      }
    }
    if (!critical.contains(SCHEME) || !StrictJson.text(headers, SCHEME).equals("notary.x509")) {
      throw new BrokenSignatureException("the signing scheme is not notary.x509, or not critical");
    }
    Instant signedAt = time(SIGNING_TIME);
    X509Certificate leaf = chain.getFirst();
    if (signedAt.isBefore(leaf.getNotBefore().toInstant())
        || signedAt.isAfter(leaf.getNotAfter().toInstant())) {
      throw new BrokenSignatureException("the certificate was not valid when it was signed");
    }
    if (!headers.path(EXPIRY).isMissingNode() && !now.isBefore(time(EXPIRY))) {
      throw new BrokenSignatureException("the signature has expired at " + time(EXPIRY));
    }
  }

  private Instant time(String header) {
    try {
      return OffsetDateTime.parse(StrictJson.text(headers, header)).toInstant();
    } catch (DateTimeParseException e) {
      throw new BrokenSignatureException(header + " is no time", e);
    }
  }

  /** The algorithm is the one that kind and length of the certificate's key ask for, no other. */
  private void requireSignature() {
    PublicKey key = chain.getFirst().getPublicKey();
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
    String algorithm = StrictJson.text(headers, "alg");
    if (!algorithm.equals(needed)) {
      throw new BrokenSignatureException(
          "the algorithm is %s, the certificate's key asks for %s".formatted(algorithm, needed));
    }
    try {
      if (!verifier(needed, key).verify(signature)) {
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
    verifier.update(signed);
    return verifier;
  }

  private void requireTarget(Descriptor image) {
    JsonNode target =
        StrictJson.object(StrictJson.object(payload, "the payload"), "targetArtifact");
    if (!StrictJson.text(target, "digest").equals(image.digest().toString())) {
      throw new BrokenSignatureException("it is of another digest");
    }
    if (!StrictJson.text(target, "mediaType").equals(image.mediaType().value())
        || StrictJson.number(target, "size") != image.size()) {
      throw new BrokenSignatureException("it is of this digest with another type or size");
    }
  }

  private void requireUsage() {
    X509Certificate leaf = chain.getFirst();
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

  private static List<X509Certificate> chain(JsonNode header) {
    List<X509Certificate> chain = new ArrayList<>();
    for (JsonNode each : header.path("x5c")) {
      if (chain.size() == MAX_CHAIN) {
        throw new BrokenSignatureException("the chain of certificates is too long");
      }
      chain.add(Certificates.parse(StrictJson.base64(each.asString(""), "a certificate")));
    }
    if (chain.isEmpty()) {
      throw new BrokenSignatureException("the signature brings no certificate");
    }
    return List.copyOf(chain);
  }

  private static byte[] decoded(String text, String what) {
    try {
      return Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new BrokenSignatureException(what + " is no base64url", e);
    }
  }
}
