package io.entrepot.registry.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TokenRequestTest {

  private static final URI REALM = URI.create("https://auth.example/token?a=b#top");
  private static final List<String> SCOPES =
      List.of("repository:acme/tool:pull,push", "repository:acme/base:pull");

  @Test
  void nobodyKnown_getWithServiceAndScopes_inTheRealmsOwnQuery() {
    TokenRequest request = TokenRequest.of(REALM, "registry x", SCOPES, Optional.empty());
    assertThat(request.method()).isEqualTo("GET");
    assertThat(request.uri())
        .hasToString(
            "https://auth.example/token?a=b&service=registry%20x"
                + "&scope=repository%3Aacme%2Ftool%3Apull%2Cpush"
                + "&scope=repository%3Aacme%2Fbase%3Apull");
    assertThat(request.authorization()).isEmpty();
  }

  @Test
  void password_goesIntoTheHeader_onlyTheNameIntoTheQuery() {
    TokenRequest request =
        TokenRequest.of(REALM, "", List.of(), Optional.of(Credentials.basic("alice", "s3cret")));
    assertThat(request.uri()).hasToString("https://auth.example/token?a=b&account=alice");
    assertThat(request.authorization()).contains(new Secret("Basic YWxpY2U6czNjcmV0"));
  }

  @Test
  void identityToken_isPosted_andInNoAddress() {
    TokenRequest request =
        TokenRequest.of(REALM, "x", SCOPES, Optional.of(Credentials.identityToken("r3fresh")));
    assertThat(request.method()).isEqualTo("POST");
    assertThat(request.uri()).hasToString("https://auth.example/token?a=b");
    assertThat(request.form().orElseThrow().reveal())
        .contains("grant_type=refresh_token", "refresh_token=r3fresh", "tool%3Apull%2Cpush%20repo");
    assertThat(request.authorization()).isEmpty();
  }
}
