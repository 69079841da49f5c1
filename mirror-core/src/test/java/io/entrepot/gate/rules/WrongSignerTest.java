package io.entrepot.gate.rules;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Signers whom the lock names and the policy does not. */
final class WrongSignerTest extends PolicyContract {

  private static final String SIGN = "https://sigstore.dev/cosign/sign/v1";
  private static final String OTHER_KEY = signature("9".repeat(64), SIGN);

  WrongSignerTest() {
    super(WrongSigner.RULE, SIGNED_BY_ACME, OTHER_KEY);
  }

  @Test
  void anotherKeyUnderTheSameFileName_isRefusedOffline() {
    assertThat(refused(SIGNED_BY_ACME, OTHER_KEY).message()).contains("keys/acme.pub", "99999999");
  }

  @Test
  void anIdentityWhereAKeyIsNamed_isRefused() {
    assertThat(
            refused(
                    SIGNED_BY_ACME,
                    "    signedBy: [{ keyless: a@b.example, issuer: https://i.example, statement: %s, type: %s }]\n"
                        .formatted(Manifests.DIGEST, SIGN))
                .message())
        .contains("a@b.example (https://i.example)");
  }

  @Test
  void theNamedKey_passes() {
    passes(SIGNED_BY_ACME, signature(ACME, SIGN));
  }

  @Test
  void anotherKeyWhereNoneIsAsked_passes() {
    passes("rules: [{ match: docker.io/library/*, unsigned: nobody signs }]", OTHER_KEY);
  }
}
