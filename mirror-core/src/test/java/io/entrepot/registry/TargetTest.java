package io.entrepot.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.MalformedException;
import io.entrepot.registry.auth.Origin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {

  private static final Target BLOB =
      new Target(new Origin("https", "registry.example", 443), "/v2/a/blobs/x?y=1");

  @ParameterizedTest
  @CsvSource({
    "https://cdn.example/b?sig=a%2Fb%2B%253D, https://cdn.example /b?sig=a%2Fb%2B%253D",
    "//cdn.example:8443/b, https://cdn.example:8443 /b",
    "/other?z=%20, https://registry.example /other?z=%20",
    "next, https://registry.example /v2/a/blobs/next",
    "?page=2, https://registry.example /v2/a/blobs/x?page=2",
    "https://cdn.example, https://cdn.example /",
    "https://cdn.example?q=1, https://cdn.example /?q=1",
    "https://cdn.example/b#fragment, https://cdn.example /b",
    "http://cdn.example:80/b, http://cdn.example /b",
    "../../data/x?sig=../a, https://registry.example /v2/data/x?sig=../a",
    "../../../../data/x, https://registry.example /data/x",
    "./next, https://registry.example /v2/a/blobs/next",
    ".., https://registry.example /v2/a/",
    "/a/./b/../c, https://registry.example /a/c",
    "/a//../b, https://registry.example /a/b",
    "/a/%2E%2E/b, https://registry.example /a/%2E%2E/b",
    "/a/.../b..c/.d, https://registry.example /a/.../b..c/.d",
    "https://cdn.example/a/../b, https://cdn.example /b",
    "https://[2001:db8::1]:8443/b, https://[2001:db8::1]:8443 /b",
    "#top, https://registry.example /v2/a/blobs/x?y=1",
  })
  void resolve_keepsEveryEscape(String location, String expected) {
    Target target = BLOB.resolve(location);
    assertThat(target.origin() + " " + target.pathAndQuery()).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file:///etc/passwd",
        "gopher://x/1",
        "ftp://x/",
        "https://user:secret@cdn.example/",
        "https:///nohost",
        "https://cdn.example/a b",
        "https://cdn.example/\r\nX-Evil: 1",
        "javascript:alert(1)",
      })
  void resolve_otherSchemesAndUserInformation_refused(String location) {
    assertThatThrownBy(() -> BLOB.resolve(location)).isInstanceOf(MalformedException.class);
  }

  @Test
  void redacted_hidesTheQuery() {
    assertThat(BLOB.resolve("/b?X-Amz-Signature=secret").redacted())
        .isEqualTo("https://registry.example/b?…");
  }
}
