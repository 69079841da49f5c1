package io.entrepot.trust;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import io.entrepot.registry.RegistryClient;
import io.entrepot.testing.SignedImages;
import io.entrepot.testing.TestClients;
import io.entrepot.text.Glob;
import io.entrepot.trust.keyless.TrustedRoot;
import io.entrepot.trust.material.Certificates;
import io.entrepot.trust.material.VerificationKey;
import io.entrepot.trust.notation.DistinguishedName;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Signed images that real programs made, sound and broken in one place, with their verdicts. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SignedImagesTest {

  private SignedImages images;
  private Vertx vertx;

  @BeforeAll
  void open() throws IOException {
    images = new SignedImages();
    vertx = Vertx.vertx();
  }

  @AfterAll
  void close() {
    vertx.close().await();
    images.close();
  }

  record Case(String name, JsonNode json) {
    @Override
    public String toString() {
      return name + ": " + json.path("why").asString();
    }
  }

  List<Case> cases() throws IOException {
    return images.cases().stream()
        .map(each -> new Case(each.path("name").asString(), each))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void verdict_isTheWrittenOne(Case each) throws IOException {
    Verdict verdict = judge(each.json);

    Set<String> allowed = new TreeSet<>(Set.of(each.json.path("expect").asString()));
    each.json.path("alsoOk").forEach(also -> allowed.add(also.asString()));
    assertThat(allowed).as(verdict.toString()).contains(word(verdict));
  }

  @Test
  void coseEnvelope_ofARealSigner_isVerified() throws IOException {
    Case cose =
        cases().stream()
            .filter(each -> each.name.equals("nota-cose-rsa"))
            .findFirst()
            .orElseThrow();

    assertThat(judge(cose.json)).isInstanceOf(Verdict.Verified.class);
  }

  @Test
  void allCases_areThere() throws IOException {
    assertThat(cases()).hasSize(180);
  }

  private Verdict judge(JsonNode json) throws IOException {
    String image = json.path("image").asString();
    int end = image.indexOf('@') > 0 ? image.indexOf('@') : image.lastIndexOf(':');
    Repository repository =
        ImageReference.parse(images.registry() + "/" + image.substring(0, end)).repository();
    Digest digest = Digest.parse(json.path("digest").asString());
    // A client of its own for each: what one knows of a registry would else hold for all cases.
    try (RegistryClient client = TestClients.impatient(vertx)) {
      Descriptor described = client.resolve(new ImageReference(repository, null, digest)).await();
      return new SignatureVerifier(client, Clock.systemUTC())
          .judge(repository, described, policy(json.path("policy")));
    }
  }

  private SignaturePolicy policy(JsonNode json) throws IOException {
    List<Signer> signers = new ArrayList<>();
    for (JsonNode each : json.path("signedBy")) {
      if (each.has("key")) {
        String name = each.path("key").asString();
        signers.add(
            new Signer.OfKey(name, VerificationKey.ofPem(Files.readString(images.file(name)))));
      } else if (each.has("keyless")) {
        JsonNode keyless = each.path("keyless");
        signers.add(
            new Signer.Keyless(
                keyless.path("issuer").asString(),
                Glob.of(keyless.path("identity").asString()),
                TrustedRoot.of(
                    Files.readAllBytes(images.file(keyless.path("trustedRoot").asString())))));
      } else {
        JsonNode notation = each.path("notation");
        signers.add(
            new Signer.Notation(
                Certificates.parsePem(Files.readString(images.file(notation.path("ca").asString())))
                    .getFirst(),
                DistinguishedName.parse(
                    notation.path("identity").asString().replace("x509.subject:", "").strip())));
      }
    }
    List<String> attestations = new ArrayList<>();
    json.path("attestations").forEach(each -> attestations.add(each.asString()));
    return new SignaturePolicy(signers, attestations);
  }

  private static String word(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Verified v -> "verified";
      case Verdict.Unsigned v -> "unsigned";
      case Verdict.WrongSigner v -> "wrong-signer";
      case Verdict.AttestationMissing v -> "attestation-missing";
      // The cases count what could not be judged among what does not hold.
      case Verdict.Invalid v -> "invalid";
      case Verdict.Unjudged v -> "invalid";
    };
  }
}
