package io.entrepot.trust;

import io.entrepot.oci.Digest;
import io.entrepot.trust.material.BrokenSignatureException;
import io.entrepot.trust.material.Bytes;
import io.entrepot.trust.material.DsseEnvelope;
import io.entrepot.trust.material.StrictJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * What somebody has signed about content.
 *
 * @param predicateType what is stated, an address; {@link #SIGNATURE} where the statement is that
 *     the content is theirs, and no more
 * @param subjects the digests that it is about, at least one
 */
record Statement(String predicateType, List<Digest> subjects) {

  /** The predicate type of {@code cosign sign}; payloads of the old layout state the same. */
  static final String SIGNATURE = "https://sigstore.dev/cosign/sign/v1";

  private static final String ENVELOPE_TYPE = "application/vnd.in-toto+json";
  private static final Set<String> TYPES =
      Set.of("https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1");
  private static final String SIMPLE_SIGNING = "cosign container image signature";
  private static final int MAX_SUBJECTS = 1024;

  Statement {
    subjects = List.copyOf(subjects);
  }

  boolean isAbout(Digest digest) {
    return subjects.contains(digest);
  }

  /**
   * Reads the in-toto statement of an envelope (in-toto Attestation Framework, "Statement"). The
   * type that is signed counts; annotations beside the envelope are anybody's.
   *
   * @throws BrokenSignatureException for anything else
   */
  static Statement of(DsseEnvelope envelope) {
    if (!envelope.payloadType().equals(ENVELOPE_TYPE)) {
      throw new BrokenSignatureException(
          "the envelope holds %s, no statement".formatted(envelope.payloadType()));
    }
    JsonNode statement = StrictJson.object(envelope.payload().toArray(), "the statement");
    if (!TYPES.contains(StrictJson.text(statement, "_type"))) {
      throw new BrokenSignatureException("the statement is of an unknown type");
    }
    List<Digest> subjects = new ArrayList<>();
    List<JsonNode> listed = StrictJson.objects(statement, "subject");
    if (listed.size() > MAX_SUBJECTS) {
      throw new BrokenSignatureException("the statement has too many subjects");
    }
    for (JsonNode subject : listed) {
      JsonNode digests = StrictJson.object(subject, "digest");
      for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
        if (digests.path(algorithm.prefix()).isString()) {
          digest(algorithm.prefix() + ":" + digests.path(algorithm.prefix()).asString(), subjects);
        }
      }
    }
    return new Statement(StrictJson.text(statement, "predicateType"), subjects);
  }

  /**
   * Reads the payload of a signature of the old layout (containers/image, "simple signing").
   *
   * @throws BrokenSignatureException for anything else
   */
  static Statement ofSimpleSigning(Bytes payload) {
    JsonNode critical =
        StrictJson.object(
            StrictJson.object(payload.toArray(), "the signature's payload"), "critical");
    if (!StrictJson.text(critical, "type").equals(SIMPLE_SIGNING)) {
      throw new BrokenSignatureException("the signature's payload is of an unknown type");
    }
    List<Digest> subjects = new ArrayList<>();
    digest(
        StrictJson.text(StrictJson.object(critical, "image"), "docker-manifest-digest"), subjects);
    return new Statement(SIGNATURE, subjects);
  }

  private static void digest(String text, List<Digest> subjects) {
    try {
      subjects.add(Digest.parse(text));
    } catch (io.entrepot.oci.MalformedException e) {
      throw new BrokenSignatureException("a subject of the statement is no digest", e);
    }
  }
}
