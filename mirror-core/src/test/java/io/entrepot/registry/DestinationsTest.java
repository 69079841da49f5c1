package io.entrepot.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.entrepot.oci.Digest;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.registry.auth.Origin;
import io.vertx.core.Future;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which addresses a redirect may lead to, and how names become addresses. */
@Timeout(30)
class DestinationsTest {

  private static final Map<String, String> NAMES =
      Map.of(
          "public.example", "192.0.2.10",
          "cdn.example", "192.0.2.20",
          "corp.example", "10.0.0.5",
          "store.corp.example", "10.0.0.6",
          "rebound.example", "127.0.0.1",
          "metadata.example", "169.254.169.254",
          "decimal.example", "2852039166");

  private final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();
  private final CountDownLatch silence = new CountDownLatch(1);
  private final NameLookups lookups = new NameLookups(this::resolve, Duration.ofMillis(300));
  private final Destinations destinations = new Destinations(ForwardProxies.NONE, lookups);

  private InetAddress resolve(String host) throws UnknownHostException {
    asked.add(host);
    if (host.startsWith("silent")) {
      try {
        silence.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    String address = NAMES.get(host);
    if (address == null) {
      throw new UnknownHostException(host);
    }
    return InetAddress.getByName(address);
  }

  @AfterEach
  void stop() {
    silence.countDown();
    destinations.close();
  }

  private Future<Optional<SocketAddress>> address(String registry, String target) {
    Repository repository = new Repository(new RegistryName(registry), "app");
    Route route = Route.toOwner(Upstream.of(repository.registry()), repository);
    RegistryRequest request = Requests.FETCH_BLOB.to(route, Digest.of(new byte[0])).build();
    return destinations.address(request, new Target(Origin.of(URI.create(target)), "/b"));
  }

  @ParameterizedTest
  @CsvSource({
    "public.example, https://cdn.example, 192.0.2.20:443",
    "corp.example, https://cdn.example, 192.0.2.20:443",
    "corp.example, http://store.corp.example:9000, 10.0.0.6:9000",
    "public.example, https://192.0.2.7:8443, 192.0.2.7:8443",
    "public.example, 'https://[2001:db8::7]', '2001:db8:0:0:0:0:0:7:443'",
  })
  void allowedTarget_isDialledAtTheAddressThatWasChecked(
      String registry, String target, String address) {
    assertThat(address(registry, target).await().map(SocketAddress::toString)).contains(address);
  }

  @ParameterizedTest
  @CsvSource({
    "public.example, https://corp.example",
    "public.example, https://rebound.example",
    "public.example, http://127.0.0.1:5000",
    "public.example, 'http://[::1]:5000'",
    "public.example, http://169.254.169.254",
    "corp.example, http://169.254.169.254",
    "corp.example, http://metadata.example",
    "corp.example, 'http://[fe80::1]'",
    "corp.example, 'http://[fd00:ec2::254]'",
    "corp.example, http://0.0.0.0",
    "corp.example, 'http://[::ffff:169.254.169.254]'",
    "corp.example, 'http://[::ffff:a9fe:a9fe]'",
    "corp.example, 'http://[::169.254.169.254]'",
    "corp.example, 'http://[64:ff9b::a9fe:a9fe]'",
    "corp.example, 'http://[2002:a9fe:a9fe::1]'",
    "corp.example, 'http://[fd20:ce::254]'",
    "corp.example, http://100.100.100.200",
    "corp.example, http://decimal.example",
    "public.example, http://168.63.129.16",
    "public.example, http://192.0.0.192",
    "public.example, 'http://[64:ff9b::10.0.0.5]'",
  })
  void targetInsideThisNetwork_isRefused(String registry, String target) {
    RegistryException refusal =
        catchThrowableOfType(RegistryException.class, () -> address(registry, target).await());
    assertThat(refusal.code()).isEqualTo(ErrorCode.REFUSED);
    assertThat(refusal).hasMessageContaining("inside this network");
  }

  @Test
  void hostOfTheConfiguration_isNotLookedUpHere() {
    assertThat(address("corp.example", "https://corp.example:8443").await()).isEmpty();
    assertThat(asked).isEmpty();
  }

  @Test
  void unknownName_isUnreachable_andNamed() {
    RegistryException failure =
        catchThrowableOfType(
            RegistryException.class,
            () -> address("public.example", "https://gone.example").await());
    assertThat(failure.code()).isEqualTo(ErrorCode.UNREACHABLE);
    assertThat(failure).hasMessageContaining("gone.example");
  }

  @Test
  void nameServerThatIsSilent_isATimeout_andHoldsUpNoOtherName() {
    Future<Optional<SocketAddress>> silent = address("public.example", "https://silent.example");
    assertThat(address("public.example", "https://cdn.example").await()).isPresent();
    RegistryException failure = catchThrowableOfType(RegistryException.class, silent::await);
    assertThat(failure.code()).isEqualTo(ErrorCode.TIMEOUT);
  }

  @Test
  void manyWhoAskForOneName_oneLookUp() {
    List<Future<Optional<SocketAddress>>> all = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      all.add(address("public.example", "https://silent.example"));
    }
    all.forEach(each -> assertThat(each.otherwiseEmpty().await()).isNull());
    assertThat(asked).hasSize(1);
  }
}
