package io.entrepot.trust;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import io.entrepot.testing.SignedImages;
import io.entrepot.text.Glob;
import io.entrepot.trust.keyless.TrustedRoot;
import io.entrepot.trust.material.BrokenSignatureException;
import io.entrepot.trust.material.Bytes;
import io.entrepot.trust.material.VerificationKey;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Sound bundles, each broken in one field at a time: none of them is believed, all say why. */
class BrokenBundlesTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Fields that only help a reader to find the key: without them nothing is lost. */
  private static final Set<String> MAY_BE_MISSING = Set.of("/verificationMaterial/publicKey/hint");

  /** A bundle, the image that it is about, and who may have signed it. */
  private record Sample(ObjectNode bundle, Digest image, SignaturePolicy policy) {}

  /** One field of a bundle. */
  private record Field(String path, Consumer<ObjectNode> change) {}

  @TestFactory
  List<DynamicTest> changedField_isRefused_andTheReasonIsItsOwn() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (String name : List.of("kl-ok", "klv1-ok", "bundle-p256", "keyless-v1", "keyless-mail")) {
      Sample sample = sample(name);
      assertThat(verdict(sample, sample.bundle)).isInstanceOf(Verdict.Verified.class);
      for (Field field : fields(sample.bundle)) {
        tests.add(
            DynamicTest.dynamicTest(
                name + field.path,
                () -> {
                  ObjectNode broken = sample.bundle.deepCopy();
                  field.change.accept(broken);
                  assertThat(broken).isNotEqualTo(sample.bundle);

                  assertThat(reason(sample, broken)).contains(expected(field.path));
                }));
      }
    }
    return tests;
  }

  @ParameterizedTest
  @ValueSource(strings = {"kl-ok", "klv1-ok", "bundle-p256", "keyless-mail"})
  void missingField_isRefused_orNothingWasLost(String name) throws IOException {
    Sample sample = sample(name);
    List<String> believed = new ArrayList<>();
    for (String path : paths(sample.bundle)) {
      ObjectNode broken = sample.bundle.deepCopy();
      int end = path.lastIndexOf('/');
      JsonNode parent = broken.at(path.substring(0, end));
      if (parent instanceof ObjectNode object) {
        object.remove(path.substring(end + 1));
      } else if (parent instanceof ArrayNode array) {
        array.remove(Integer.parseInt(path.substring(end + 1)));
      }
      if (verdict(sample, broken) instanceof Verdict.Verified) {
        believed.add(path);
      }
    }
    assertThat(believed).isSubsetOf(MAY_BE_MISSING);
  }

  /** What a reader must learn from the reason, by the field that was changed. */
  private static String expected(String path) {
    String field = path.replaceAll("/[0-9]+(?=/|$)", "");
    return switch (field) {
      case "/mediaType" -> "of the unknown type";
      case "/verificationMaterial/certificate/rawBytes" -> "certificate";
      case "/verificationMaterial/tlogEntries/logIndex" -> "log";
      case "/verificationMaterial/tlogEntries/logId/keyId" -> "does not know the log";
      case "/verificationMaterial/tlogEntries/kindVersion/kind",
          "/verificationMaterial/tlogEntries/kindVersion/version" ->
          "kindVersion names another kind";
      case "/verificationMaterial/tlogEntries/integratedTime",
          "/verificationMaterial/tlogEntries/inclusionPromise/signedEntryTimestamp" ->
          "promise does not fit";
      case "/verificationMaterial/tlogEntries/inclusionProof/logIndex" -> "proof";
      case "/verificationMaterial/tlogEntries/inclusionProof/rootHash" -> "another root";
      case "/verificationMaterial/tlogEntries/inclusionProof/treeSize" -> "another size";
      case "/verificationMaterial/tlogEntries/inclusionProof/hashes" ->
          "does not lead to the log's root";
      case "/verificationMaterial/tlogEntries/inclusionProof/checkpoint/envelope" -> "checkpoint";
      case "/verificationMaterial/tlogEntries/canonicalizedBody" -> "entry";
      case "/verificationMaterial/timestampVerificationData/rfc3161Timestamps/signedTimestamp" ->
          "time stamp";
      case "/dsseEnvelope/payload" -> "";
      case "/dsseEnvelope/payloadType" -> "no statement";
      case "/dsseEnvelope/signatures/sig" -> "signature";
      default -> throw new AssertionError("nobody has said what is expected of " + field);
    };
  }

  private static String reason(Sample sample, ObjectNode broken) {
    return switch (verdict(sample, broken)) {
      case Verdict.Invalid(var reasons) -> String.join("; ", reasons);
      case Verdict.WrongSigner(var found) -> String.join("; ", found);
      case Verdict other -> throw new AssertionError("the broken bundle is " + other);
    };
  }

  private static Verdict verdict(Sample sample, ObjectNode bundle) {
    Descriptor image = Descriptor.of(MediaType.OCI_INDEX, sample.image, 1);
    Judgement judgement =
        new Judgement(sample.policy, image, Instant.parse("2026-11-27T12:00:00Z"));
    try {
      judgement.found(Attached.ofBundle(Bytes.of(JSON.writeValueAsBytes(bundle))));
    } catch (BrokenSignatureException e) {
      judgement.broken(e.reason());
    }
    return judgement.verdict();
  }

  /** Every scalar of a bundle, each with a change that keeps the field's form. */
  private static List<Field> fields(ObjectNode bundle) {
    List<Field> fields = new ArrayList<>();
    for (String path : paths(bundle)) {
      if (!path.endsWith("/hint")) {
        fields.add(new Field(path, copy -> change(copy, path)));
      }
    }
    return fields;
  }

  private static List<String> paths(ObjectNode bundle) {
    List<String> paths = new ArrayList<>();
    collect(bundle, "", paths);
    return paths;
  }

  private static void collect(JsonNode node, String path, List<String> paths) {
    if (node instanceof ObjectNode object) {
      object
          .properties()
          .forEach(each -> collect(each.getValue(), path + "/" + each.getKey(), paths));
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        collect(array.get(i), path + "/" + i, paths);
      }
    } else {
      paths.add(path);
    }
  }

  private static void change(ObjectNode bundle, String path) {
    int end = path.lastIndexOf('/');
    String changed = changed(path, bundle.at(path).asString());
    switch (bundle.at(path.substring(0, end))) {
      case ObjectNode object -> object.put(path.substring(end + 1), changed);
      case ArrayNode array -> array.set(Integer.parseInt(path.substring(end + 1)), changed);
      default -> throw new AssertionError(path);
    }
  }

  private static String changed(String path, String value) {
    if (value.matches("[0-9]+")) {
      return Long.toString(Long.parseLong(value) + 1);
    }
    if (path.endsWith("/envelope")) {
      // One bit of the log's signature, which ends the note.
      int at = value.lastIndexOf(' ') + 30;
      return value.substring(0, at)
          + (value.charAt(at) == 'A' ? 'B' : 'A')
          + value.substring(at + 1);
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(value);
      if (path.endsWith("/canonicalizedBody")) {
        // Still JSON, of other content.
        String body = new String(bytes, UTF_8);
        int at = Math.max(body.indexOf("\"digest\":\""), body.indexOf("\"value\":\"")) + 14;
        return Base64.getEncoder()
            .encodeToString(
                (body.substring(0, at)
                        + (body.charAt(at) == '0' ? '1' : '0')
                        + body.substring(at + 1))
                    .getBytes(UTF_8));
      }
      bytes[bytes.length - 3] ^= 1;
      return Base64.getEncoder().encodeToString(bytes);
    } catch (IllegalArgumentException e) {
      return value + "x";
    }
  }

  private static Sample sample(String name) throws IOException {
    try (SignedImages images = new SignedImages()) {
      JsonNode written =
          images.cases().stream()
              .filter(each -> each.path("name").asString().equals(name))
              .findFirst()
              .orElseThrow();
      Digest image = Digest.parse(written.path("digest").asString());
      JsonNode repository = JSON.readTree(images.file("repos/" + name + ".json").toFile());
      for (String digest : repository.path("manifests").propertyNames()) {
        JsonNode manifest = JSON.readTree(blob(images, digest));
        if (manifest.path("subject").path("digest").asString("").equals(image.toString())) {
          byte[] bundle = blob(images, manifest.path("layers").path(0).path("digest").asString());
          return new Sample(
              (ObjectNode) JSON.readTree(bundle), image, policy(images, written.path("policy")));
        }
      }
      throw new AssertionError("no bundle hangs on " + name);
    }
  }

  private static byte[] blob(SignedImages images, String digest) throws IOException {
    return Files.readAllBytes(images.file("blobs/sha256/" + digest.replace("sha256:", "")));
  }

  private static SignaturePolicy policy(SignedImages images, JsonNode policy) throws IOException {
    JsonNode signer = policy.path("signedBy").path(0);
    if (signer.has("key")) {
      String file = signer.path("key").asString();
      VerificationKey key = VerificationKey.ofPem(Files.readString(images.file(file)));
      return new SignaturePolicy(List.of(new Signer.OfKey(file, key)), List.of());
    }
    JsonNode keyless = signer.path("keyless");
    return new SignaturePolicy(
        List.of(
            new Signer.Keyless(
                keyless.path("issuer").asString(),
                Glob.of(keyless.path("identity").asString()),
                TrustedRoot.of(
                    Files.readAllBytes(images.file(keyless.path("trustedRoot").asString()))))),
        List.of());
  }
}
