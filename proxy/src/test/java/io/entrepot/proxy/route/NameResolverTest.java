package io.entrepot.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.MalformedException;
import io.entrepot.oci.RegistryName;
import io.entrepot.store.RepositoryId;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NameResolverTest {

  private static final RegistryName HUB = RegistryName.DOCKER_HUB;
  private static final RegistryName QUAY = new RegistryName("quay.io");
  private static final RegistryName PORT = new RegistryName("reg.test:5001");
  private static final RegistryName OWN = new RegistryName("localhost:5000");

  private final NameResolver names = new NameResolver(Set.of(HUB, QUAY, PORT), Set.of(OWN), null);

  private RoutedRepository resolved(String name) {
    return names.resolve(name, null, null).orElseThrow();
  }

  private static RoutedRepository upstream(RegistryName registry, String path) {
    return new RoutedRepository(new RepositoryId(registry, path), null, null);
  }

  @Test
  void firstPart_namesAnUpstream() {
    assertThat(resolved("quay.io/a/b")).isEqualTo(upstream(QUAY, "a/b"));
    assertThat(resolved("docker.io/acme/app")).isEqualTo(upstream(HUB, "acme/app"));
    assertThat(resolved("docker.io/redis")).isEqualTo(upstream(HUB, "library/redis"));
    assertThat(resolved("quay.io/redis")).isEqualTo(upstream(QUAY, "redis"));
    assertThat(resolved("reg.test_5001/a")).isEqualTo(upstream(PORT, "a"));
  }

  @Test
  void otherName_isALocalOne() {
    for (String name : new String[] {"team/app", "app", "ghcr.io/a/b", "quay.io"}) {
      assertThat(resolved(name))
          .isEqualTo(new RoutedRepository(RepositoryId.local(name), null, null));
    }
  }

  @Test
  void namespace_decidesBeforeTheName() {
    assertThat(names.resolve("quay.io/a", "docker.io", null))
        .contains(new RoutedRepository(new RepositoryId(HUB, "quay.io/a"), null, "docker.io"));
    assertThat(names.resolve("a", "ghcr.io", null)).as("not configured").isEmpty();
    assertThatThrownBy(() -> names.resolve("a", "not a name", null))
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void namespaceOfThisRegistry_isLocal() {
    Optional<RoutedRepository> local =
        Optional.of(new RoutedRepository(RepositoryId.local("a"), null, "localhost:5000"));
    assertThat(names.resolve("a", "localhost:5000", null)).isEqualTo(local);
    assertThat(names.resolve("a", "cache.test:80", "cache.test:80")).isPresent();
    assertThat(names.resolve("a", "cache.test:80", "localhost:5000")).isEmpty();
  }

  @Test
  void defaultUpstream_isTheFallbackOfLocalNames_only() {
    NameResolver fallback = new NameResolver(Set.of(HUB, QUAY), Set.of(), HUB);
    assertThat(fallback.resolve("redis", null, null).orElseThrow().fallback())
        .isEqualTo(new RepositoryId(HUB, "library/redis"));
    assertThat(fallback.resolve("quay.io/a", null, null).orElseThrow().fallback()).isNull();
  }
}
