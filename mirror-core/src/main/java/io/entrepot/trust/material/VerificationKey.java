package io.entrepot.trust.material;

import io.entrepot.oci.Digest;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.EdDSAParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;

/**
 * A public key that signatures are checked with: ECDSA P-256, P-384 or P-521, RSA of 2048 bits or
 * more, Ed25519.
 */
public final class VerificationKey {

  private static final int MIN_RSA_BITS = 2048;
  private static final int MAX_RSA_BITS = 16_384;

  private final PublicKey key;

  private VerificationKey(PublicKey key) {
    this.key = key;
  }

  /**
   * Takes a key.
   *
   * @throws BrokenSignatureException for a kind or length that is not taken
   */
  public static VerificationKey of(PublicKey key) {
    switch (key) {
      case RSAPublicKey rsa -> {
        int bits = rsa.getModulus().bitLength();
        if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
          throw new BrokenSignatureException(
              "an RSA key of %d bits; at least %d are needed".formatted(bits, MIN_RSA_BITS));
        }
      }
      case ECPublicKey ec -> {
        int bits = ec.getParams().getOrder().bitLength();
        if (bits != 256 && bits != 384 && bits != 521) {
          throw new BrokenSignatureException("an elliptic curve of " + bits + " bits");
        }
      }
      case EdECPublicKey ed -> {
        if (!ed.getParams().getName().equals("Ed25519")) {
          throw new BrokenSignatureException("a key for " + ed.getParams().getName());
        }
      }
      default -> throw new BrokenSignatureException("a key for " + key.getAlgorithm());
    }
    return new VerificationKey(key);
  }

  /**
   * Reads a key from its SubjectPublicKeyInfo (RFC 5280, section 4.1), DER.
   *
   * @throws BrokenSignatureException for anything else
   */
  public static VerificationKey ofDer(Bytes der) {
    X509EncodedKeySpec spec = new X509EncodedKeySpec(der.toArray());
    for (String algorithm : List.of("EC", "RSA", "Ed25519")) {
      try {
        return of(KeyFactory.getInstance(algorithm).generatePublic(spec));
      } catch (GeneralSecurityException e) {
        // Not of this kind.
      }
    }
    throw new BrokenSignatureException("no public key that is understood");
  }

  /**
   * Reads the one {@code PUBLIC KEY} of a PEM text.
   *
   * @throws BrokenSignatureException for none, several, or one that is not taken
   */
  public static VerificationKey ofPem(String text) {
    List<Bytes> blocks = Pem.blocks(text, "PUBLIC KEY");
    if (blocks.size() != 1) {
      throw new BrokenSignatureException(
          "%d blocks of a PUBLIC KEY; one is needed".formatted(blocks.size()));
    }
    return ofDer(blocks.getFirst());
  }

  /** Its SubjectPublicKeyInfo, DER. */
  public byte[] encoded() {
    return key.getEncoded();
  }

  /** What identifies the key: the SHA-256 digest of its SubjectPublicKeyInfo. */
  public Digest fingerprint() {
    return Digest.of(encoded());
  }

  /** The fingerprint as signers write it into bundles to say which key to take: base64. */
  public String hint() {
    return Base64.getEncoder().encodeToString(Bytes.ofHex(fingerprint().hex()).toArray());
  }

  /** The kind, for people. */
  public String kind() {
    return switch (key) {
      case RSAPublicKey rsa -> "RSA " + rsa.getModulus().bitLength();
      case ECPublicKey ec -> "ECDSA P-" + ec.getParams().getOrder().bitLength();
      default -> "Ed25519";
    };
  }

  /**
   * Whether a signature fits some bytes. The hash follows the curve, as signers of bundles do; for
   * P-384 and P-521 also SHA-256, as their predecessors did. Ed25519 is taken plain and prehashed
   * (RFC 8032, section 5.1).
   */
  public boolean fits(Bytes signed, Bytes signature) {
    return switch (key) {
      case RSAPublicKey rsa -> fits("SHA256withRSA", signed, signature);
      case ECPublicKey ec ->
          switch (ec.getParams().getOrder().bitLength()) {
            case 384 ->
                fits("SHA384withECDSA", signed, signature)
                    || fits("SHA256withECDSA", signed, signature);
            case 521 ->
                fits("SHA512withECDSA", signed, signature)
                    || fits("SHA256withECDSA", signed, signature);
            default -> fits("SHA256withECDSA", signed, signature);
          };
      default -> fits("Ed25519", signed, signature) || fitsPrehashed(signed, signature);
    };
  }

  /** Whether a signature by one JCA algorithm fits; false where key and algorithm do not. */
  private boolean fits(String algorithm, Bytes signed, Bytes signature) {
    try {
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(key);
      verifier.update(signed.toArray());
      return verifier.verify(signature.toArray());
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private boolean fitsPrehashed(Bytes signed, Bytes signature) {
    try {
      Signature verifier = Signature.getInstance("EdDSA");
      verifier.setParameter(new EdDSAParameterSpec(true));
      verifier.initVerify(key);
      verifier.update(signed.toArray());
      return verifier.verify(signature.toArray());
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
