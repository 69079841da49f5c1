package io.entrepot.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.entrepot.oci.Digest;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.registry.auth.Origin;
import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedirectsTest {

  private static final Repository REPOSITORY = Repository.parse("quay.io/acme/tool");
  private static final Route ROUTE =
      Route.toOwner(Upstream.of(new RegistryName("quay.io")), REPOSITORY);
  private static final RegistryRequest BLOB =
      Requests.FETCH_BLOB.to(ROUTE, Digest.of(new byte[0])).build();

  private static Optional<Target> next(int status, String location, int followed) {
    return Redirects.next(BLOB, BLOB.target(), status, location, followed);
  }

  private static RegistryException refusal(String location, int followed) {
    return catchThrowableOfType(RegistryException.class, () -> next(307, location, followed));
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void everyRedirect_leadsOn_withItsQueryUntouched(int status) {
    assertThat(next(status, "https://cdn.example/b?sig=a%2Fb%3D", 0))
        .contains(new Target(Origin.of(URI.create("https://cdn.example")), "/b?sig=a%2Fb%3D"));
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 300, 304, 305, 404})
  void otherStatuses_leadNowhere(int status) {
    assertThat(next(status, "https://cdn.example/b", 0)).isEmpty();
  }

  @Test
  void noLocation_leadsNowhere() {
    assertThat(Redirects.next(BLOB, BLOB.target(), 307, null, 0)).isEmpty();
  }

  @Test
  void ninthRedirect_isOneTooMany() {
    assertThat(next(307, "https://cdn.example/b", 7)).isPresent();
    assertThat(refusal("https://cdn.example/b", 8).code()).isEqualTo(ErrorCode.REFUSED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://cdn.example/b", "ftp://cdn.example/b", "https://a:b@cdn.example/"})
  void plainHttp_otherSchemes_andUserInformation_areRefused(String location) {
    assertThat(refusal(location, 0).code()).isEqualTo(ErrorCode.REFUSED);
  }

  @Test
  void writesAndReferrers_areNotRedirected() {
    for (Requests line : new Requests[] {Requests.START_UPLOAD, Requests.LIST_REFERRERS}) {
      RegistryRequest request = line.to(ROUTE, Digest.of(new byte[0])).build();
      assertThat(Redirects.next(request, request.target(), 307, "https://quay.io/x", 0)).isEmpty();
    }
  }
}
