package io.entrepot.lock;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever a lock says, its text says the same. */
class LockFilePropertyTest {

  private static Arbitrary<Digest> digests() {
    return Arbitraries.strings()
        .ofMaxLength(8)
        .map(text -> Digest.of(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static Arbitrary<Repository> repositories() {
    return Combinators.combine(
            Arbitraries.of("docker.io", "ghcr.io", "localhost:5000", "[::1]:5000", "r.example"),
            Arbitraries.of("library/redis", "acme/tool", "a/b/c", "1/2", "null/true", "0x1/y"))
        .as((registry, path) -> new Repository(new RegistryName(registry), path));
  }

  private static Arbitrary<Tag> tags() {
    return Arbitraries.of("latest", "7", "1.0", "null", "v1.2.3-rc.1", "_x", "2024-01-01", "0x1F")
        .map(Tag::new);
  }

  private static Arbitrary<ImageReference> sources() {
    return Arbitraries.oneOf(
        Combinators.combine(repositories(), tags()).as(Repository::tagged),
        Combinators.combine(repositories(), digests()).as(Repository::at));
  }

  private static Arbitrary<List<Platform>> platforms() {
    return Arbitraries.of("linux/amd64", "linux/arm64", "linux/arm/v6", "windows/amd64")
        .map(Platform::parse)
        .list()
        .uniqueElements()
        .ofMaxSize(4);
  }

  @Provide
  Arbitrary<LockFile> locks() {
    Arbitrary<LockedImage> images =
        Combinators.combine(
                digests(),
                digests().injectNull(0.5),
                Combinators.combine(repositories(), tags()).as(Repository::tagged),
                platforms())
            .as(LockedImage::new);
    return Arbitraries.maps(sources(), images).ofMaxSize(6).map(LockFilePropertyTest::lock);
  }

  /** An entry of a source by digest has that digest, and a target holds one. */
  private static LockFile lock(Map<ImageReference, LockedImage> images) {
    TreeMap<ImageReference, LockedImage> locked = new TreeMap<>();
    images.forEach(
        (source, image) -> {
          boolean taken =
              locked.values().stream().anyMatch(other -> other.target().equals(image.target()));
          if (!taken) {
            Digest digest = source.digest() == null ? image.digest() : source.digest();
            locked.put(
                source,
                new LockedImage(digest, image.targetDigest(), image.target(), image.platforms()));
          }
        });
    return LockFile.of(locked);
  }

  @Property(tries = 300)
  void text_readsBackToTheSameLock_andTheSameText(@ForAll("locks") LockFile lock) {
    String text = LockFileCodec.format(lock);
    LockFile read = LockFileCodec.parse("images.lock.yaml", text);
    assertThat(read).isEqualTo(lock);
    assertThat(LockFileCodec.format(read)).isEqualTo(text);
  }
}
