package io.entrepot.trust.material;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.Digest;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A signed envelope (DSSE 1.0): a payload, its type, and signatures over both.
 *
 * @param signatures one or more, at most 32
 */
public record DsseEnvelope(String payloadType, Bytes payload, List<Bytes> signatures) {

  private static final int MAX_SIGNATURES = 32;

  /** Copies the list. */
  public DsseEnvelope {
    signatures = List.copyOf(signatures);
  }

  /**
   * Reads an envelope.
   *
   * @throws BrokenSignatureException for anything else, and for one without a signature
   */
  public static DsseEnvelope of(JsonNode envelope) {
    List<Bytes> signatures = new ArrayList<>();
    for (JsonNode each : StrictJson.objects(envelope, "signatures")) {
      signatures.add(StrictJson.base64(each, "sig"));
    }
    if (signatures.isEmpty() || signatures.size() > MAX_SIGNATURES) {
      throw new BrokenSignatureException(
          "the envelope holds %d signatures".formatted(signatures.size()));
    }
    return new DsseEnvelope(
        StrictJson.text(envelope, "payloadType"),
        StrictJson.base64(envelope, "payload"),
        signatures);
  }

  /** The bytes that are signed: the pre-authentication encoding of type and payload. */
  public Bytes signedBytes() {
    byte[] type = payloadType.getBytes(UTF_8);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(payload.length() + type.length + 48);
    bytes.writeBytes(("DSSEv1 " + type.length + " ").getBytes(UTF_8));
    bytes.writeBytes(type);
    bytes.writeBytes((" " + payload.length() + " ").getBytes(UTF_8));
    bytes.writeBytes(payload.toArray());
    return Bytes.of(bytes.toByteArray());
  }

  /** The digest of the payload. */
  public Digest payloadDigest() {
    return Digest.of(payload.toArray());
  }
}
