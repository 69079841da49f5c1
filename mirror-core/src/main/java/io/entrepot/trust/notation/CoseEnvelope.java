package io.entrepot.trust.notation;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.entrepot.trust.material.BrokenSignatureException;
import io.entrepot.trust.material.Bytes;
import io.entrepot.trust.material.Certificates;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the binary encoding (Notary Project, "COSE Signature Envelope"): a COSE_Sign1 with its tag
 * (RFC 9052, section 4.2), the chain of certificates beside it (RFC 9360).
 */
final class CoseEnvelope {

  private static final long SIGN1 = 18;
  private static final long EPOCH_TIME = 1;

  private static final Cbor ALGORITHM = new Cbor.Whole(1);
  private static final Cbor CRITICAL = new Cbor.Whole(2);
  private static final Cbor CONTENT_TYPE = new Cbor.Whole(3);
  private static final Cbor CHAIN = new Cbor.Whole(33);

  /** The numbers of RFC 9053, sections 2.1, and RFC 8230, section 2. */
  private static final Map<Cbor, String> ALGORITHMS =
      Map.of(
          new Cbor.Whole(-7), "ES256",
          new Cbor.Whole(-35), "ES384",
          new Cbor.Whole(-36), "ES512",
          new Cbor.Whole(-37), "PS256",
          new Cbor.Whole(-38), "PS384",
          new Cbor.Whole(-39), "PS512");

  private CoseEnvelope() {}

  static SignatureEnvelope of(byte[] cbor) {
    if (!(Cbor.parse(cbor, "the signature envelope") instanceof Cbor.Tagged(long tag, var item))
        || tag != SIGN1
        || !(item instanceof Cbor.Array(var parts))
        || parts.size() != 4
        || !(parts.get(0) instanceof Cbor.Binary(Bytes headerBytes))
        || !(parts.get(1) instanceof Cbor.Pairs(var unprotected))
        || !(parts.get(2) instanceof Cbor.Binary(Bytes payload))
        || !(parts.get(3) instanceof Cbor.Binary(Bytes signature))) {
      throw new BrokenSignatureException("the signature envelope is no COSE_Sign1");
    }
    if (!(Cbor.parse(headerBytes.toArray(), "the protected header")
        instanceof Cbor.Pairs(var headers))) {
      throw new BrokenSignatureException("the protected header is no map");
    }
    requireApart(headers, unprotected);
    return new SignatureEnvelope(
        algorithm(headers.get(ALGORITHM)),
        text(headers.get(CONTENT_TYPE), "the content type"),
        critical(headers),
        text(headers.get(named(SignatureEnvelope.SCHEME)), SignatureEnvelope.SCHEME),
        time(headers.get(named(SignatureEnvelope.SIGNING_TIME)), SignatureEnvelope.SIGNING_TIME),
        Optional.ofNullable(headers.get(named(SignatureEnvelope.EXPIRY)))
            .map(expiry -> time(expiry, SignatureEnvelope.EXPIRY)),
        signed(headerBytes, payload),
        payload,
        signature,
        chain(unprotected.get(CHAIN)));
  }

  /** A header that is both protected and not could be read in two ways (RFC 9052, section 3). */
  private static void requireApart(Map<Cbor, Cbor> headers, Map<Cbor, Cbor> unprotected) {
    for (Cbor key : unprotected.keySet()) {
      if (headers.containsKey(key)) {
        throw new BrokenSignatureException("a header is both protected and unprotected");
      }
    }
  }

  private static String algorithm(@Nullable Cbor number) {
    String name = number == null ? null : ALGORITHMS.get(number);
    if (name == null) {
      throw new BrokenSignatureException("the algorithm is missing or not taken");
    }
    return name;
  }

  private static Set<String> critical(Map<Cbor, Cbor> headers) {
    Set<String> critical = new LinkedHashSet<>();
    if (headers.get(CRITICAL) instanceof Cbor.Array(var labels)) {
      for (Cbor label : labels) {
        String name =
            switch (label) {
              case Cbor.Text(String text) -> text;
              case Cbor.Whole(long number) -> Long.toString(number);
              default -> throw new BrokenSignatureException("a critical header without a name");
            };
        if (!headers.containsKey(label)) {
          throw new BrokenSignatureException("the critical header " + name + " is missing");
        }
        critical.add(name);
      }
    }
    return critical;
  }

  private static Cbor named(String header) {
    return new Cbor.Text(header);
  }

  private static String text(@Nullable Cbor value, String what) {
    if (value instanceof Cbor.Text(String text)) {
      return text;
    }
    throw new BrokenSignatureException(what + " is missing or no text");
  }

  private static Instant time(@Nullable Cbor value, String what) {
    if (value instanceof Cbor.Tagged(long tag, Cbor.Whole(long seconds)) && tag == EPOCH_TIME) {
      try {
        return Instant.ofEpochSecond(seconds);
      } catch (DateTimeException e) {
        throw new BrokenSignatureException(what + " is beyond all times", e);
      }
    }
    throw new BrokenSignatureException(what + " is missing or no time");
  }

  private static List<X509Certificate> chain(@Nullable Cbor value) {
    return switch (value) {
      case Cbor.Binary(Bytes der) -> List.of(Certificates.parse(der));
      case Cbor.Array(var items) ->
          items.stream()
              .map(
                  item -> {
                    if (item instanceof Cbor.Binary(Bytes der)) {
                      return Certificates.parse(der);
                    }
                    throw new BrokenSignatureException("a certificate of the chain is no bytes");
                  })
              .toList();
      case null, default -> List.of();
    };
  }

  /** The structure that is signed in place of the envelope (RFC 9052, section 4.4). */
  private static Bytes signed(Bytes headers, Bytes payload) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(0x84);
    out.write(0x6a);
    out.writeBytes("Signature1".getBytes(US_ASCII));
    writeBinary(out, headers);
    out.write(0x40);
    writeBinary(out, payload);
    return Bytes.of(out.toByteArray());
  }

  private static void writeBinary(ByteArrayOutputStream out, Bytes bytes) {
    int length = bytes.length();
    if (length < 24) {
      out.write(0x40 | length);
    } else if (length < 0x100) {
      out.write(0x58);
      out.write(length);
    } else if (length < 0x1_0000) {
      out.write(0x59);
      out.writeBytes(ByteBuffer.allocate(Short.BYTES).putShort((short) length).array());
    } else {
      out.write(0x5a);
      out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(length).array());
    }
    out.writeBytes(bytes.toArray());
  }
}
