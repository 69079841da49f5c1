package io.entrepot.trust.notation;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.entrepot.trust.material.BrokenSignatureException;
import io.entrepot.trust.material.Bytes;
import io.entrepot.trust.material.Certificates;
import io.entrepot.trust.material.StrictJson;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Reads the JSON encoding (Notary Project, "JWS Signature Envelope"). */
final class JwsEnvelope {

  private JwsEnvelope() {}

  static SignatureEnvelope of(byte[] json) {
    JsonNode envelope = StrictJson.object(json, "the signature envelope");
    String headerText = StrictJson.text(envelope, "protected");
    String payloadText = StrictJson.text(envelope, "payload");
    JsonNode headers = StrictJson.object(decoded(headerText, "protected"), "the protected header");
    return new SignatureEnvelope(
        StrictJson.text(headers, "alg"),
        StrictJson.text(headers, "cty"),
        critical(headers),
        StrictJson.text(headers, SignatureEnvelope.SCHEME),
        time(headers, SignatureEnvelope.SIGNING_TIME),
        headers.path(SignatureEnvelope.EXPIRY).isMissingNode()
            ? Optional.empty()
            : Optional.of(time(headers, SignatureEnvelope.EXPIRY)),
        Bytes.of((headerText + "." + payloadText).getBytes(US_ASCII)),
        Bytes.of(decoded(payloadText, "payload")),
        Bytes.of(decoded(StrictJson.text(envelope, "signature"), "signature")),
        chain(StrictJson.object(envelope, "header")));
  }

  private static Set<String> critical(JsonNode headers) {
    Set<String> critical = new LinkedHashSet<>();
    for (JsonNode each : headers.path("crit")) {
      String name = each.asString("");
      if (headers.path(name).isMissingNode()) {
        throw new BrokenSignatureException("the critical header " + name + " is missing");
      }
      critical.add(name);
    }
    return critical;
  }

  private static Instant time(JsonNode headers, String header) {
    try {
      return OffsetDateTime.parse(StrictJson.text(headers, header)).toInstant();
    } catch (DateTimeParseException e) {
      throw new BrokenSignatureException(header + " is no time", e);
    }
  }

  private static List<X509Certificate> chain(JsonNode header) {
    List<X509Certificate> chain = new ArrayList<>();
    for (JsonNode each : header.path("x5c")) {
      chain.add(Certificates.parse(StrictJson.base64(each.asString(""), "a certificate")));
    }
    return chain;
  }

  private static byte[] decoded(String text, String what) {
    try {
      return Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new BrokenSignatureException(what + " is no base64url", e);
    }
  }
}
