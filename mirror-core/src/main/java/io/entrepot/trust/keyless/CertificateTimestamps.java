package io.entrepot.trust.keyless;

import io.entrepot.oci.Digest;
import io.entrepot.trust.material.BrokenSignatureException;
import io.entrepot.trust.material.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;

/**
 * What certificate logs have signed about a certificate before it was given out (RFC 6962, sections
 * 3.2 and 3.3): an authority that gives out certificates in secret is caught by its missing log.
 */
final class CertificateTimestamps {

  private static final String EXTENSION = "1.3.6.1.4.1.11129.2.4.2";
  private static final int EXTENSIONS_TAG = 3;
  private static final int KEY_ID_BYTES = 32;
  private static final byte PRECERTIFICATE = 1;

  private record Stamp(Bytes logId, long millis, Bytes extensions, Bytes signature) {}

  private CertificateTimestamps() {}

  /**
   * Requires that one known log has seen the certificate.
   *
   * @param issuer who signed the certificate
   * @throws BrokenSignatureException if none has
   */
  static void require(TrustedRoot root, X509Certificate certificate, X509Certificate issuer) {
    byte[] extension = certificate.getExtensionValue(EXTENSION);
    if (extension == null) {
      throw new BrokenSignatureException("the certificate is in no certificate log");
    }
    List<String> reasons = new ArrayList<>();
    for (Stamp stamp : stamps(SignerCertificate.octets(SignerCertificate.octets(extension)))) {
      Optional<TrustedRoot.Log> log = root.certificateLog(stamp.logId);
      Instant at = Instant.ofEpochMilli(stamp.millis);
      if (log.isEmpty()) {
        reasons.add("the trusted root does not know its certificate log");
      } else if (!log.get().validity().covers(at)) {
        reasons.add("its certificate log is not believed at " + at);
      } else if (!log.get().key().fits(signed(stamp, certificate, issuer), stamp.signature)) {
        reasons.add("the certificate log's signature does not fit the certificate");
      } else {
        return;
      }
    }
    throw new BrokenSignatureException(
        reasons.isEmpty()
            ? "the certificate is in no certificate log"
            : String.join("; ", reasons));
  }

  private static List<Stamp> stamps(byte[] list) {
    List<Stamp> stamps = new ArrayList<>();
    try {
      ByteBuffer all = ByteBuffer.wrap(list);
      ByteBuffer rest = ByteBuffer.wrap(taken(all, Short.toUnsignedInt(all.getShort())));
      while (rest.hasRemaining()) {
        ByteBuffer one = ByteBuffer.wrap(taken(rest, Short.toUnsignedInt(rest.getShort())));
        if (one.get() != 0) {
          continue;
        }
        byte[] logId = taken(one, KEY_ID_BYTES);
        long millis = one.getLong();
        byte[] extensions = taken(one, Short.toUnsignedInt(one.getShort()));
        one.getShort();
        byte[] signature = taken(one, Short.toUnsignedInt(one.getShort()));
        stamps.add(new Stamp(Bytes.of(logId), millis, Bytes.of(extensions), Bytes.of(signature)));
      }
    } catch (BufferUnderflowException e) {
      throw new BrokenSignatureException("the certificate log's entry is cut off", e);
    }
    return stamps;
  }

  private static byte[] taken(ByteBuffer from, int length) {
    byte[] bytes = new byte[Math.min(length, from.remaining() + 1)];
    from.get(bytes);
    return bytes;
  }

  /** What the log has signed: the certificate as it was before its own signature went in. */
  private static Bytes signed(Stamp stamp, X509Certificate certificate, X509Certificate issuer) {
    byte[] body = withoutStamps(certificate);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(0);
    out.write(0);
    out.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(stamp.millis).array());
    out.write(0);
    out.write(PRECERTIFICATE);
    out.writeBytes(Bytes.ofHex(Digest.of(issuer.getPublicKey().getEncoded()).hex()).toArray());
    out.write(body.length >> 16);
    out.write(body.length >> 8);
    out.write(body.length);
    out.writeBytes(body);
    out.write(stamp.extensions.length() >> 8);
    out.write(stamp.extensions.length());
    out.writeBytes(stamp.extensions.toArray());
    return Bytes.of(out.toByteArray());
  }

  /** The certificate's signed part without the extension that holds the logs' signatures. */
  private static byte[] withoutStamps(X509Certificate certificate) {
    try {
      ASN1EncodableVector parts = new ASN1EncodableVector();
      for (ASN1Encodable part : ASN1Sequence.getInstance(certificate.getTBSCertificate())) {
        parts.add(
            part instanceof ASN1TaggedObject tagged && tagged.getTagNo() == EXTENSIONS_TAG
                ? new DERTaggedObject(true, EXTENSIONS_TAG, withoutStamps(tagged))
                : part);
      }
      return new DERSequence(parts).getEncoded(ASN1Encoding.DER);
    } catch (CertificateEncodingException | IOException | IllegalArgumentException e) {
      throw new BrokenSignatureException("the certificate cannot be taken apart", e);
    }
  }

  private static DERSequence withoutStamps(ASN1TaggedObject extensions) {
    ASN1EncodableVector kept = new ASN1EncodableVector();
    for (ASN1Encodable each : ASN1Sequence.getInstance(extensions, true)) {
      ASN1Encodable id = ASN1Sequence.getInstance(each).getObjectAt(0);
      if (!new ASN1ObjectIdentifier(EXTENSION).equals(id)) {
        kept.add(each);
      }
    }
    return new DERSequence(kept);
  }
}
