package io.entrepot.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import io.entrepot.trust.Signer;
import io.entrepot.yaml.ConfigException;
import io.entrepot.yaml.YamlDocument;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyReaderTest {

  private static final Path KEYS = Path.of("src/test/resources/trust");
  private static final String SIGNED = "rules: [{ match: ghcr.io/acme/**, signedBy: ";
  private static final String DIGEST = "sha256:" + "0".repeat(64);

  @Test
  void wholeFile_isRead() {
    Policy policy =
        read(
            """
            minAge: 72h
            rules:
              - match: ghcr.io/acme/**
                minAge: 0s
                signedBy:
                  - key: keys/p256.pub
                  - keyless: { issuer: "https://issuer.test", identity: "https://github.com/acme/*/w@refs/tags/*" }
                  - notation: { ca: keys/notation-ca.pem, identity: "x509.subject: C=DE, O=acme, CN=release" }
                attestations: [https://slsa.dev/provenance/v1]
              - match: docker.io/library/**
                unsigned: "Docker signs nothing here"
              - match: docker.io/bitnami/**
                deny: frozen
            deny:  [{ digest: "%s", reason: poisoned }]
            admit: [{ digest: "%s", reason: a fix, until: 2027-01-31 }]
            trustedRoot: keys/trusted_root.json
            hook: [./scan.sh, "{reference}"]
            hookTimeout: 90s
            """
                .formatted(DIGEST, DIGEST.replace('0', '1')));

    assertThat(policy.minAge(repository("docker.io/library/redis"))).isEqualTo(Duration.ofDays(3));
    assertThat(policy.minAge(repository("ghcr.io/acme/app"))).isZero();
    assertThat(policy.signatures(repository("ghcr.io/acme/app")))
        .hasValueSatisfying(
            signatures -> {
              assertThat(signatures.signers()).hasSize(3);
              assertThat(signatures.signers().getFirst())
                  .isInstanceOf(Signer.OfKey.class)
                  .extracting(Signer::name)
                  .isEqualTo("keys/p256.pub");
              assertThat(signatures.attestations())
                  .containsExactly("https://slsa.dev/provenance/v1");
            });
    assertThat(policy.rules().get(2).demand()).isEqualTo(new Demand.Denied("frozen"));
    assertThat(policy.denied()).hasSize(1);
    assertThat(policy.admitted()).hasSize(1);
    assertThat(policy.hook())
        .hasValue(new Hook(List.of("./scan.sh", "{reference}"), Duration.ofSeconds(90), KEYS));
  }

  @Test
  void emptyFile_asksNothing() {
    assertThat(read("{}").minAge(repository("ghcr.io/acme/app"))).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          rules: [{ match: bitnami/** }]                                          | begins with no registry
          rules: [{ minAge: 1h }]                                                 | match: is missing
          rules: [{ match: ghcr.io/x, minAge: 3 }]                                | a time without a unit
          minAge: 72                                                              | a time without a unit
          minage: 72h                                                             | did you mean 'minAge'
          rules: [{ match: ghcr.io/x, attestations: [a] }]                        | attestations need signedBy
          rules: [{ match: ghcr.io/x, unsigned: why, deny: why }]                 | contradict each other
          rules: [{ match: ghcr.io/x, deny: '' }]                                 | is empty
          rules: [{ match: ghcr.io/x, unsigned: }]                                | is empty
          rules: [{ match: ghcr.io/x, signedBy: [] }]                             | names nobody
          rules: [{ match: ghcr.io/x, signedBy: [{}] }]                           | needs one of key, keyless and notation
          rules: [{ match: ghcr.io/x, signedBy: [{ key: keys/none.pub }] }]       | there is no file
          rules: [{ match: ghcr.io/x, signedBy: [{ key: cases.jsonl }] }]         | 0 blocks of a PUBLIC KEY
          rules: [{ match: ghcr.io/x, signedBy: [{ keyless: { issuer: a, identity: b } }] }] | needs `trustedRoot:`
          rules: [{ match: ghcr.io/x, signedBy: [{ notation: { ca: keys/notation-ca.pem, identity: CN=a } }] }] | expected 'x509.subject:
          trustedRoot: keys/p256.pub                                              | not sound JSON
          deny: [{ digest: sha256:1, reason: a }]                                 | not a digest
          deny: [{ digest: DIGEST }]                                              | reason: is missing
          admit: [{ digest: DIGEST, reason: a }]                                  | until: is missing
          admit: [{ digest: DIGEST, reason: a, until: soon }]                     | not a day
          deny: [{ digest: DIGEST, reason: a }, { digest: DIGEST, reason: b }]    | a second time
          hook: []                                                                | names no program
          hookTimeout: 5m                                                         | no hook to wait for
          """)
  void mistake_isNamedWithItsLine(String text, String message) {
    assertThatThrownBy(() -> read("# first\n" + text.replace("DIGEST", '"' + DIGEST + '"')))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("policy.yaml:2")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({
    "ghcr.io/acme/**, ghcr.io/acme/app, true",
    "ghcr.io/acme/**, ghcr.io/acme/team/app, true",
    "ghcr.io/acme/*, ghcr.io/acme/team/app, false",
    "ghcr.io/acme/**, ghcr.io/evil/acme/app, false",
    "ghcr.io/acme/**, ghcr.io/acme-evil/app, false",
    "ghcr.io/acme/**, evil.io/ghcr.io/acme/app, false",
    "docker.io/library/**, redis, true",
    "127.0.0.1:5000/**, 127.0.0.1:5000/app, true",
    "**, quay.io/acme/app, true"
  })
  void match_isHeldAgainstTheWholeName(String pattern, String image, boolean fits) {
    Policy policy = read("rules: [{ match: '%s', deny: why }]".formatted(pattern));
    assertThat(policy.rule(repository(image)).isPresent()).isEqualTo(fits);
  }

  @Test
  void firstRuleThatFits_decides() {
    Policy policy =
        read(
            """
            rules:
              - { match: ghcr.io/acme/app, minAge: 1h }
              - { match: ghcr.io/acme/**, minAge: 2h }
            """);
    assertThat(policy.minAge(repository("ghcr.io/acme/app"))).isEqualTo(Duration.ofHours(1));
    assertThat(policy.minAge(repository("ghcr.io/acme/other"))).isEqualTo(Duration.ofHours(2));
  }

  @Test
  void weakKey_isRefusedWithItsLength(@org.junit.jupiter.api.io.TempDir Path directory)
      throws Exception {
    java.security.KeyPairGenerator weak = java.security.KeyPairGenerator.getInstance("RSA");
    weak.initialize(1024);
    java.nio.file.Files.writeString(
        directory.resolve("weak.pub"),
        "-----BEGIN PUBLIC KEY-----\n"
            + java.util.Base64.getMimeEncoder()
                .encodeToString(weak.generateKeyPair().getPublic().getEncoded())
            + "\n-----END PUBLIC KEY-----\n");
    assertThatThrownBy(
            () ->
                PolicyReader.read(
                    YamlDocument.parse("policy.yaml", SIGNED + "[{ key: weak.pub }] }]"),
                    directory))
        .hasMessageContaining("an RSA key of 1024 bits; at least 2048");
  }

  private static Policy read(String text) {
    return PolicyReader.read(YamlDocument.parse("policy.yaml", text), KEYS);
  }

  private static Repository repository(String name) {
    return ImageReference.parse(name).repository();
  }
}
