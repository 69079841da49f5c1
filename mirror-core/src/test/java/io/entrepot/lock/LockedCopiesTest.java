package io.entrepot.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LockedCopiesTest {

  private static final Digest ONE = Digest.of(new byte[] {1});
  private static final Digest TWO = Digest.of(new byte[] {2});
  private static final RegistryName HUB = RegistryName.DOCKER_HUB;

  @TempDir private Path directory;

  private Path lock(String name, String tag, Digest digest) throws IOException {
    return Files.writeString(
        directory.resolve(name),
        """
        version: 1
        images:
          docker.io/bitnami/redis:%s:
            digest: %s
            target: ghcr.io/acme/bitnami-redis:%s
            platforms: []
          quay.io/acme/tool:1:
            digest: %s
            target: ghcr.io/acme/tool:1
            platforms: []
        """
            .formatted(tag, digest, tag, digest));
  }

  private static ImageReference image(String text) {
    return ImageReference.parse(text);
  }

  @Test
  void copiesAndDigests_areFoundByRepositoryAndTag() throws IOException {
    LockedCopies copies = LockedCopies.read(Map.of(HUB, List.of(lock("a", "7", ONE))));
    assertThat(copies.of(Repository.parse("docker.io/bitnami/redis")))
        .containsExactly(Repository.parse("ghcr.io/acme/bitnami-redis"));
    assertThat(copies.digest(image("docker.io/bitnami/redis:7"))).contains(ONE);
    assertThat(copies.digest(image("docker.io/bitnami/redis:8"))).isEmpty();
  }

  @Test
  void lockOfOneRegistry_saysNothingOfAnother() throws IOException {
    LockedCopies copies = LockedCopies.read(Map.of(HUB, List.of(lock("a", "7", ONE))));
    assertThat(copies.of(Repository.parse("quay.io/acme/tool"))).isEmpty();
    assertThat(copies.digest(image("quay.io/acme/tool:1"))).isEmpty();
  }

  @Test
  void earlierOfTwoLocks_counts() throws IOException {
    List<Path> files = List.of(lock("a", "7", ONE), lock("b", "7", TWO));
    assertThat(LockedCopies.read(Map.of(HUB, files)).digest(image("docker.io/bitnami/redis:7")))
        .contains(ONE);
  }

  @Test
  void changedFile_isReadAgain_brokenOneIsNot() throws IOException {
    Path file = lock("a", "7", ONE);
    LockedCopies copies = LockedCopies.read(Map.of(HUB, List.of(file)));
    assertThat(copies.refresh()).isFalse();
    Files.writeString(file, "version: 2\n");
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_000));
    assertThatThrownBy(copies::refresh).isInstanceOf(ConfigException.class);
    assertThat(copies.digest(image("docker.io/bitnami/redis:7"))).contains(ONE);
    lock("a", "7", TWO);
    Files.setLastModifiedTime(file, FileTime.fromMillis(2_000));
    assertThat(copies.refresh()).isTrue();
    assertThat(copies.digest(image("docker.io/bitnami/redis:7"))).contains(TWO);
  }
}
