package io.entrepot.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.lock.LockedSignature;
import io.entrepot.lock.LockedSigner;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Repository;
import io.entrepot.trust.SignaturePolicy;
import io.entrepot.trust.Signer;
import io.entrepot.yaml.YamlDocument;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the lock says of signatures, against what the policy asks for now. */
class LockedEvidenceTest {

  private static final String SIGNATURE = "https://sigstore.dev/cosign/sign/v1";
  private static final Digest STATEMENT = Digest.of(new byte[] {1});
  private static final Path TRUST = Path.of("src/test/resources/trust");

  private static SignaturePolicy policy(String signedBy, String more) {
    Policy policy =
        PolicyReader.read(
            YamlDocument.parse(
                "policy.yaml",
                "trustedRoot: keys/trusted_root.json\nrules:\n- match: ghcr.io/acme/**\n  signedBy: [%s]\n%s"
                    .formatted(signedBy, more)),
            TRUST);
    return policy.signatures(Repository.parse("ghcr.io/acme/app")).orElseThrow();
  }

  private static SignaturePolicy key(String more) {
    return policy("{ key: keys/p256.pub }", more);
  }

  private static Digest fingerprint(String key) {
    return fingerprintOf(policy("{ key: keys/%s.pub }".formatted(key), ""));
  }

  private static Digest fingerprintOf(SignaturePolicy policy) {
    return ((Signer.OfKey) policy.signers().getFirst()).key().fingerprint();
  }

  private static List<LockedSignature> signed(LockedSigner signer, String type) {
    return List.of(new LockedSignature(signer, STATEMENT, type));
  }

  @Test
  void keyOfTheSameFingerprint_suffices_whateverItsName() {
    assertThat(
            LockedEvidence.suffices(
                signed(new LockedSigner.OfKey("old/name.pub", fingerprint("p256")), SIGNATURE),
                key("")))
        .isTrue();
  }

  @Test
  void anotherKeyUnderTheSameName_doesNotSuffice() {
    assertThat(
            LockedEvidence.suffices(
                signed(new LockedSigner.OfKey("keys/p256.pub", fingerprint("p384")), SIGNATURE),
                key("")))
        .isFalse();
    assertThat(LockedEvidence.suffices(List.of(), key(""))).isFalse();
  }

  @Test
  void everyDemandedType_mustHaveBeenStated_andASignatureIsThenNotAsked() {
    SignaturePolicy demanded = key("  attestations: [a, b]\n");
    LockedSigner signer = new LockedSigner.OfKey("k", fingerprint("p256"));
    assertThat(LockedEvidence.suffices(signed(signer, "a"), demanded)).isFalse();
    assertThat(LockedEvidence.suffices(signed(signer, SIGNATURE), demanded)).isFalse();
    assertThat(
            LockedEvidence.suffices(
                List.of(
                    new LockedSignature(signer, STATEMENT, "a"),
                    new LockedSignature(signer, STATEMENT, "b")),
                demanded))
        .isTrue();
  }

  @Test
  void keylessIdentity_isHeldAgainstThePatternAnchored_andItsIssuerToTheLetter() {
    SignaturePolicy demanded =
        policy("{ keyless: { issuer: 'https://i', identity: 'https://g/acme/*/x' } }", "");
    assertThat(sufficient("https://g/acme/app/x", "https://i", demanded)).isTrue();
    assertThat(sufficient("https://g/acme/app/x", "https://i/", demanded)).isFalse();
    assertThat(sufficient("https://g/evil/acme/app/x", "https://i", demanded)).isFalse();
    assertThat(sufficient("https://g/acme/app/x/y", "https://i", demanded)).isFalse();
  }

  private static boolean sufficient(String identity, String issuer, SignaturePolicy demanded) {
    return LockedEvidence.suffices(
        signed(new LockedSigner.Keyless(identity, issuer), SIGNATURE), demanded);
  }
}
