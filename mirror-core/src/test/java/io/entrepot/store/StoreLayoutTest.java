package io.entrepot.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.RegistryName;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class StoreLayoutTest {

  private static final StoreLayout LAYOUT = new StoreLayout(Path.of("/store"));

  @Provide
  Arbitrary<RepositoryId> repositories() {
    Arbitrary<RegistryName> registries =
        Arbitraries.of(
                "docker.io",
                "ghcr.io",
                "localhost:5000",
                "[::1]:5000",
                "a-b.example:65535",
                "10.0.0.1")
            .map(RegistryName::new);
    Arbitrary<String> word =
        Arbitraries.strings().withCharRange('a', 'z').numeric().ofMinLength(1).ofMaxLength(8);
    Arbitrary<String> part =
        Combinators.combine(word, Arbitraries.of(".", "_", "__", "-", "---"), word)
            .as((start, between, end) -> start + between + end);
    Arbitrary<String> path =
        Arbitraries.oneOf(word, part)
            .list()
            .ofMinSize(1)
            .ofMaxSize(6)
            .map(each -> String.join("/", each));
    return Arbitraries.oneOf(
        path.map(RepositoryId::local), Combinators.combine(registries, path).as(RepositoryId::new));
  }

  private static RepositoryId read(Path directory) {
    if (directory.startsWith(LAYOUT.local())) {
      return StoreLayout.repositoryOf(LAYOUT.local(), null, directory);
    }
    Path base = LAYOUT.upstream().resolve(LAYOUT.upstream().relativize(directory).getName(0));
    return StoreLayout.repositoryOf(base, StoreLayout.registryOf(base), directory);
  }

  @Property
  void everyRepository_comesBackFromItsDirectory(@ForAll("repositories") RepositoryId id) {
    assertThat(read(LAYOUT.repository(id))).isEqualTo(id);
  }

  @Property
  void directoriesDiffer_asRepositoriesDo(
      @ForAll("repositories") RepositoryId one, @ForAll("repositories") RepositoryId other) {
    assertThat(LAYOUT.repository(one).equals(LAYOUT.repository(other)))
        .isEqualTo(one.equals(other));
  }

  @Property
  void noRepository_leavesTheStore_orMeetsTheFilesOfAnother(
      @ForAll("repositories") RepositoryId id) {
    Path directory = LAYOUT.repository(id);
    assertThat(directory.normalize()).isEqualTo(directory);
    assertThat(directory.startsWith(LAYOUT.local()) || directory.startsWith(LAYOUT.upstream()))
        .isTrue();
    for (Path part : directory) {
      assertThat(List.of("_tags", "_manifests", "_blobs")).doesNotContain(part.toString());
      assertThat(part.toString()).doesNotContain(":");
    }
  }
}
