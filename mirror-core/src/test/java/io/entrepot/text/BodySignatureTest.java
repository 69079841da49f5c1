package io.entrepot.text;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What proves a body. */
final class BodySignatureTest {

  @Test
  void signature_isHmacSha256() {
    // RFC 4231, test case 2.
    assertThat(BodySignature.of("Jefe", "what do ya want for nothing?".getBytes(US_ASCII)))
        .isEqualTo("sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  }
}
