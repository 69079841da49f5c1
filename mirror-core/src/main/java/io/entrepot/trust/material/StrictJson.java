package io.entrepot.trust.material;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON whose meaning nobody can doubt: a doubled key, text after the end, a missing or wrongly
 * typed field is an error. Keys count with their case, unlike in some other readers: two programs
 * must never read two digests out of one document.
 */
public final class StrictJson {

  /** Characters of one text: more than any bundle that is taken has bytes. */
  private static final int MAX_TEXT = 16 * 1024 * 1024;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(64)
                          .maxStringLength(MAX_TEXT)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private StrictJson() {}

  /**
   * Reads an object.
   *
   * @param what names the document in messages, such as "the bundle"
   * @throws BrokenSignatureException for anything else
   */
  public static JsonNode object(byte[] bytes, String what) {
    JsonNode root;
    try {
      root = MAPPER.readTree(bytes);
    } catch (JacksonException e) {
      throw new BrokenSignatureException(what + " is not sound JSON: " + e.getOriginalMessage(), e);
    }
    if (!root.isObject()) {
      throw new BrokenSignatureException(what + " is not a JSON object");
    }
    return root;
  }

  /** A field that must be an object. */
  public static JsonNode object(JsonNode parent, String field) {
    JsonNode value = parent.path(field);
    if (!value.isObject()) {
      throw new BrokenSignatureException(field + " is missing or no object");
    }
    return value;
  }

  /** The items of a field that must be an array of objects; empty where the field is absent. */
  public static List<JsonNode> objects(JsonNode parent, String field) {
    JsonNode value = parent.path(field);
    if (value.isMissingNode()) {
      return List.of();
    }
    if (!value.isArray()) {
      throw new BrokenSignatureException(field + " is no array");
    }
    List<JsonNode> items = new ArrayList<>();
    for (JsonNode item : value) {
      if (!item.isObject()) {
        throw new BrokenSignatureException(field + " holds something that is no object");
      }
      items.add(item);
    }
    return items;
  }

  /** A field that must be text. */
  public static String text(JsonNode parent, String field) {
    JsonNode value = parent.path(field);
    if (!value.isString()) {
      throw new BrokenSignatureException(field + " is missing or no text");
    }
    return value.asString();
  }

  /** A field that must be base64 (RFC 4648, section 4). */
  public static Bytes base64(JsonNode parent, String field) {
    return base64(text(parent, field), field);
  }

  /** Text that must be base64 (RFC 4648, section 4). */
  public static Bytes base64(String text, String what) {
    try {
      return Bytes.of(Base64.getDecoder().decode(text));
    } catch (IllegalArgumentException e) {
      throw new BrokenSignatureException(what + " is no base64", e);
    }
  }

  /** A whole number, 0 or more, written as a number or, as protobuf does with 64 bits, as text. */
  public static long number(JsonNode parent, String field) {
    JsonNode value = parent.path(field);
    String digits =
        value.isString() ? value.asString() : value.isIntegralNumber() ? value.toString() : "";
    if (digits.isEmpty()
        || digits.length() > 18
        || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new BrokenSignatureException(field + " is missing or no number");
    }
    return Long.parseLong(digits);
  }

  /** A number that protobuf leaves out where it is 0. */
  public static long numberOrZero(JsonNode parent, String field) {
    return parent.path(field).isMissingNode() ? 0 : number(parent, field);
  }
}
