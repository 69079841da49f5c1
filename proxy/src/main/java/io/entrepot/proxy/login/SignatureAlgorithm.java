package io.entrepot.proxy.login;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a token may be signed (RFC 7518, section 3): with a key of a pair. What proves nothing
 * ({@code none}) or is proved with a shared secret ({@code HS256}) is not among them.
 */
enum SignatureAlgorithm {
  RS256("SHA256withRSA", 0),
  RS384("SHA384withRSA", 0),
  RS512("SHA512withRSA", 0),
  PS256("RSASSA-PSS", 0),
  PS384("RSASSA-PSS", 0),
  PS512("RSASSA-PSS", 0),
  ES256("SHA256withECDSAinP1363Format", 256),
  ES384("SHA384withECDSAinP1363Format", 384),
  ES512("SHA512withECDSAinP1363Format", 521);

  private static final int LEAST_RSA = 2048;

  private final String java;

  /** Bits of the curve; 0 for RSA. */
  private final int curve;

  SignatureAlgorithm(String java, int curve) {
    this.java = java;
    this.curve = curve;
  }

  /** What RSASSA-PSS needs to be told; null for the others. */
  private @Nullable PSSParameterSpec parameters() {
    return switch (this) {
      case PS256 -> pss("SHA-256", MGF1ParameterSpec.SHA256, 32);
      case PS384 -> pss("SHA-384", MGF1ParameterSpec.SHA384, 48);
      case PS512 -> pss("SHA-512", MGF1ParameterSpec.SHA512, 64);
      default -> null;
    };
  }

  private static PSSParameterSpec pss(String hash, MGF1ParameterSpec mask, int salt) {
    return new PSSParameterSpec(hash, "MGF1", mask, salt, 1);
  }

  static Optional<SignatureAlgorithm> of(String name) {
    return Arrays.stream(values()).filter(each -> each.name().equals(name)).findFirst();
  }

  /** Whether a key is one of this algorithm, and long enough. */
  boolean takes(PublicKey key) {
    return switch (key) {
      case RSAPublicKey rsa -> curve == 0 && rsa.getModulus().bitLength() >= LEAST_RSA;
      case ECPublicKey ec -> ec.getParams().getCurve().getField().getFieldSize() == curve;
      default -> false;
    };
  }

  boolean verifies(PublicKey key, byte[] signed, byte[] signature) {
    try {
      Signature check = Signature.getInstance(java);
      PSSParameterSpec parameters = parameters();
      if (parameters != null) {
        check.setParameter(parameters);
      }
      check.initVerify(key);
      check.update(signed);
      return check.verify(signature);
    } catch (GeneralSecurityException e) {
      // A signature of another length is one that is wrong.
      return false;
    }
  }
}
