package io.entrepot.trust.notation;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import io.entrepot.trust.material.BrokenSignatureException;
import io.entrepot.trust.notation.NotationSignature.Encoding;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signatures in COSE: one of each algorithm, and each broken in one place. */
class CoseEnvelopeTest {

  private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");
  private static final Descriptor IMAGE =
      Descriptor.of(MediaType.OCI_INDEX, Digest.of("an image".getBytes(UTF_8)), 8);

  @ParameterizedTest
  @CsvSource({"EC,256", "EC,384", "EC,521", "RSA,2048", "RSA,3072", "RSA,4096"})
  void everyAlgorithm_isProved(String kind, int bits) throws Exception {
    Envelope envelope = new Envelope(kind, bits);

    assertThatCode(() -> envelope.prove(IMAGE)).doesNotThrowAnyException();
  }

  @TestFactory
  Stream<DynamicTest> brokenInOnePlace_isRefused_andSaysWhere() {
    Map<String, Break> breaks = new LinkedHashMap<>();
    breaks.put("signature does not fit", each -> each.afterwards = e -> e.signature[9] ^= 1);
    breaks.put(
        "the signature does not fit the certificate's key",
        each -> each.afterwards = e -> e.payload = e.payload.replace("8}", "8 }"));
    breaks.put("asks for ES256", each -> each.header(1, number(-35)));
    breaks.put("the algorithm is missing or not taken", each -> each.header(1, number(5)));
    breaks.put("the payload is of another type", each -> each.header(3, text("text/plain")));
    breaks.put("the content type is missing", each -> each.headers.remove(key(number(3))));
    breaks.put(
        "is critical and not understood",
        each -> {
          each.header("acme.extra", text("x"));
          each.header(2, array(text(SignatureEnvelope.SCHEME), text("acme.extra")));
        });
    breaks.put(
        "the critical header acme.missing is missing",
        each -> each.header(2, array(text(SignatureEnvelope.SCHEME), text("acme.missing"))));
    breaks.put("not notary.x509, or not critical", each -> each.headers.remove(key(number(2))));
    breaks.put(
        "the signing scheme is not",
        each -> each.header(SignatureEnvelope.SCHEME, text("notary.x509.signingAuthority")));
    breaks.put(
        "signingTime is missing or no time",
        each -> each.header(SignatureEnvelope.SIGNING_TIME, text("yesterday")));
    breaks.put(
        "not valid when it was signed",
        each -> each.header(SignatureEnvelope.SIGNING_TIME, time(NOW.minusSeconds(9_999_999))));
    breaks.put(
        "the signature has expired",
        each -> each.header(SignatureEnvelope.EXPIRY, time(NOW.minusSeconds(1))));
    breaks.put("no COSE_Sign1", each -> each.tag = 98);
    breaks.put("brings no certificate", each -> each.unprotected.clear());
    breaks.put(
        "a header is both protected and unprotected",
        each -> each.unprotected.put(key(number(3)), text("other")));
    breaks.put("it is of another digest", each -> each.payload = payload("other", 8));
    breaks.put("another type or size", each -> each.payload = payload("an image", 9));
    breaks.put("has bytes after its end", each -> each.tail = new byte[] {0});
    breaks.put("holds a key twice", each -> each.repeated = join(number(3), text("another type")));
    breaks.put(
        "an item without a stated length",
        each -> each.header("acme.open", new byte[] {0x5f, (byte) 0xff}));
    breaks.put(
        "does not lead to the root",
        each -> each.unprotected.put(key(number(33)), array(bytes(each.foreign()))));
    return breaks.entrySet().stream()
        .map(
            each ->
                DynamicTest.dynamicTest(
                    each.getKey(),
                    () -> {
                      Envelope envelope = new Envelope("EC", 256);
                      each.getValue().accept(envelope);

                      assertThatExceptionOfType(BrokenSignatureException.class)
                          .isThrownBy(() -> envelope.prove(IMAGE))
                          .withMessageContaining(each.getKey());
                    }));
  }

  @ParameterizedTest
  @CsvSource({
    "d2",
    "d284",
    "d28440a04040ff",
    "9bffffffffffffffff",
    "d2848484848484",
    "f97e00",
    "62c328"
  })
  void otherBytes_areRefused_withoutMuchWork(String hex) {
    assertThatExceptionOfType(BrokenSignatureException.class)
        .isThrownBy(() -> NotationSignature.of(HexFormat.of().parseHex(hex), Encoding.COSE));
  }

  @Test
  void deepNesting_isRefused() {
    byte[] nested = new byte[100_000];
    Arrays.fill(nested, (byte) 0x81);
    assertThatExceptionOfType(BrokenSignatureException.class)
        .isThrownBy(() -> NotationSignature.of(nested, Encoding.COSE))
        .withMessageContaining("nested too deeply");
  }

  /** A change to an envelope before it is signed, or {@code afterwards}. */
  private interface Break {
    void accept(Envelope envelope) throws Exception;
  }

  /** An envelope in the making, with an authority and a signer of its own. */
  private static final class Envelope {
    private final KeyPair authority;
    private final X509Certificate root;
    private final KeyPair signer;
    private final X509Certificate leaf;
    private final String kind;
    private final int bits;
    private final Map<String, byte[]> headers = new LinkedHashMap<>();
    private final Map<String, byte[]> unprotected = new LinkedHashMap<>();
    private long tag = 18;
    private String payload = payload("an image", 8);
    private byte[] tail = {};
    private byte @Nullable [] repeated;
    private byte[] signature = {};
    private Consumer<Envelope> afterwards = e -> {};

    Envelope(String kind, int bits) throws Exception {
      this.kind = kind;
      this.bits = bits;
      authority = pair("EC", 256);
      root = certificate("CN=root", authority, "CN=root", authority, true);
      signer = pair(kind, bits);
      leaf = certificate("CN=release,O=acme,C=DE", signer, "CN=root", authority, false);
      header(1, number(algorithm()));
      header(2, array(text(SignatureEnvelope.SCHEME)));
      header(3, text("application/vnd.cncf.notary.payload.v1+json"));
      header(SignatureEnvelope.SCHEME, text("notary.x509"));
      header(SignatureEnvelope.SIGNING_TIME, time(NOW.minusSeconds(60)));
      unprotected.put(key(number(33)), array(bytes(leaf.getEncoded()), bytes(root.getEncoded())));
    }

    void header(long label, byte[] value) {
      headers.put(key(number(label)), value);
    }

    void header(String label, byte[] value) {
      headers.put(key(text(label)), value);
    }

    /** A certificate for the same key, of an authority that nobody trusts. */
    byte[] foreign() throws Exception {
      KeyPair other = pair("EC", 256);
      return certificate("CN=release,O=acme,C=DE", signer, "CN=root", other, false).getEncoded();
    }

    void prove(Descriptor image) throws Exception {
      byte[] protectedHeaders = map(headers, repeated);
      signature =
          sign(
              join(
                  new byte[] {(byte) 0x84},
                  text("Signature1"),
                  bytes(protectedHeaders),
                  bytes(new byte[0]),
                  bytes(payload.getBytes(UTF_8))));
      afterwards.accept(this);
      byte[] envelope =
          join(
              head(6, tag),
              new byte[] {(byte) 0x84},
              bytes(protectedHeaders),
              map(unprotected, null),
              bytes(payload.getBytes(UTF_8)),
              bytes(signature),
              tail);
      NotationSignature.of(envelope, Encoding.COSE).prove(image, root, NOW);
    }

    private long algorithm() {
      return switch (kind + bits) {
        case "EC256" -> -7;
        case "EC384" -> -35;
        case "EC521" -> -36;
        case "RSA2048" -> -37;
        case "RSA3072" -> -38;
        default -> -39;
      };
    }

    private byte[] sign(byte[] bytes) throws Exception {
      int hash = bits == 256 || bits == 2048 ? 256 : bits == 384 || bits == 3072 ? 384 : 512;
      Signature signing;
      if (kind.equals("EC")) {
        signing = Signature.getInstance("SHA" + hash + "withECDSAinP1363Format");
      } else {
        signing = Signature.getInstance("RSASSA-PSS");
        signing.setParameter(
            new PSSParameterSpec(
                "SHA-" + hash, "MGF1", new MGF1ParameterSpec("SHA-" + hash), hash / 8, 1));
      }
      signing.initSign(signer.getPrivate());
      signing.update(bytes);
      return signing.sign();
    }
  }

  private static String payload(String image, int size) {
    return "{\"targetArtifact\":{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}}"
        .formatted(MediaType.OCI_INDEX, Digest.of(image.getBytes(UTF_8)), size);
  }

  private static KeyPair pair(String kind, int bits) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
    generator.initialize(bits);
    return generator.generateKeyPair();
  }

  private static X509Certificate certificate(
      String name, KeyPair subject, String issuer, KeyPair authority, boolean root)
      throws Exception {
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            new X500Name(issuer),
            BigInteger.valueOf(root ? 1 : 2),
            Date.from(NOW.minusSeconds(3600)),
            Date.from(NOW.plusSeconds(3600)),
            new X500Name(name),
            subject.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(root));
    builder.addExtension(
        Extension.keyUsage,
        true,
        new KeyUsage(root ? KeyUsage.keyCertSign : KeyUsage.digitalSignature));
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(
                new JcaContentSignerBuilder("SHA256withECDSA").build(authority.getPrivate())));
  }

  private static String key(byte[] label) {
    return new String(label, ISO_8859_1);
  }

  private static byte[] map(Map<String, byte[]> entries, byte @Nullable [] repeated) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(head(5, entries.size() + (repeated == null ? 0 : 1)));
    entries.forEach(
        (label, value) -> {
          out.writeBytes(label.getBytes(ISO_8859_1));
          out.writeBytes(value);
        });
    if (repeated != null) {
      out.writeBytes(repeated);
    }
    return out.toByteArray();
  }

  private static byte[] time(Instant at) {
    return join(head(6, 1), number(at.getEpochSecond()));
  }

  private static byte[] number(long value) {
    return value < 0 ? head(1, -1 - value) : head(0, value);
  }

  private static byte[] text(String value) {
    return join(head(3, value.getBytes(UTF_8).length), value.getBytes(UTF_8));
  }

  private static byte[] bytes(byte[] value) {
    return join(head(2, value.length), value);
  }

  private static byte[] array(byte[]... items) {
    return join(head(4, items.length), join(items));
  }

  private static byte[] head(int major, long argument) {
    if (argument < 24) {
      return new byte[] {(byte) (major << 5 | argument)};
    }
    if (argument < 256) {
      return new byte[] {(byte) (major << 5 | 24), (byte) argument};
    }
    return argument < 65_536
        ? join(
            new byte[] {(byte) (major << 5 | 25)},
            ByteBuffer.allocate(2).putShort((short) argument).array())
        : join(
            new byte[] {(byte) (major << 5 | 26)},
            ByteBuffer.allocate(4).putInt((int) argument).array());
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
