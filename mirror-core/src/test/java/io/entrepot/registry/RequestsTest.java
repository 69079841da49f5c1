package io.entrepot.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.ImageReference;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The catalogue, as it goes over the wire. */
class RequestsTest {

  private static final Route ROUTE =
      Route.toOwner(
          Upstream.of(new RegistryName("quay.io")), Repository.parse("quay.io/acme/tool"));

  @ParameterizedTest
  @CsvSource({
    "RESOLVE_MANIFEST, HEAD https://quay.io/v2/acme/tool/manifests/7, HEAD manifest, pull",
    "FETCH_MANIFEST, GET https://quay.io/v2/acme/tool/manifests/7, GET manifest, pull",
    "PUSH_MANIFEST, PUT https://quay.io/v2/acme/tool/manifests/7, PUT manifest, 'pull,push'",
    "DELETE_MANIFEST, DELETE https://quay.io/v2/acme/tool/manifests/7, DELETE manifest, 'pull,delete'",
    "FIND_BLOB, HEAD https://quay.io/v2/acme/tool/blobs/7, HEAD blob, pull",
    "FETCH_BLOB, GET https://quay.io/v2/acme/tool/blobs/7, GET blob, pull",
    "DELETE_BLOB, DELETE https://quay.io/v2/acme/tool/blobs/7, DELETE blob, 'pull,delete'",
    "START_UPLOAD, POST https://quay.io/v2/acme/tool/blobs/uploads/, POST upload, 'pull,push'",
    "LIST_TAGS, GET https://quay.io/v2/acme/tool/tags/list?…, GET tags, pull",
    "LIST_REFERRERS, GET https://quay.io/v2/acme/tool/referrers/7, GET referrers, pull",
  })
  void line_methodAddressCountAndRights(
      Requests line, String address, String counted, String actions) {
    RegistryRequest request = line.to(ROUTE, "7").build();
    assertThat(request.describe()).isEqualTo(address);
    assertThat(request.verbAndKind()).isEqualTo(counted);
    assertThat(request.scope().parameters()).containsExactly("repository:acme/tool:" + actions);
    assertThat(request.authorized()).isTrue();
  }

  @Test
  void manifestByDigest_isVerifiedHere_soAnyEndpointMayHaveIt() {
    String digest = "@sha256:" + "a".repeat(64);
    assertThat(Requests.FETCH_MANIFEST.capability(ImageReference.parse("quay.io/acme/tool:7")))
        .isEqualTo(Capability.RESOLVE);
    assertThat(
            Requests.FETCH_MANIFEST.capability(ImageReference.parse("quay.io/acme/tool" + digest)))
        .isEqualTo(Capability.PULL);
  }

  @Test
  void anotherAddress_keepsEverythingElse() {
    RegistryRequest request =
        Requests.FETCH_MANIFEST.to(ROUTE, "7").header("X-A", "b").anonymous().build();
    RegistryRequest moved = request.at(ROUTE.target("manifests/8"));
    assertThat(moved.describe()).isEqualTo("GET https://quay.io/v2/acme/tool/manifests/8");
    assertThat(moved.authorized()).isFalse();
    assertThat(moved.headers().get("X-A")).isEqualTo("b");
    assertThat(moved.headers().get("Accept")).isEqualTo(request.headers().get("Accept"));
    assertThat(moved.expected()).isEqualTo(request.expected());
  }
}
