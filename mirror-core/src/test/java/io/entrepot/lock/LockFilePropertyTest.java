package io.entrepot.lock;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.testing.Schemas;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
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
                digests(), digests().injectNull(0.5), targets(), platforms(), trust(), origins())
            .as(LockedImage::new);
    Arbitrary<AwaitedImage> awaited =
        Combinators.combine(targets().injectNull(0.2), waiting().filter(list -> !list.isEmpty()))
            .as(AwaitedImage::new);
    return Combinators.combine(
            Arbitraries.maps(sources(), images).ofMaxSize(6),
            Arbitraries.maps(sources(), awaited).ofMaxSize(3))
        .as(LockFilePropertyTest::lock);
  }

  private static Arbitrary<ImageReference> targets() {
    return Combinators.combine(repositories(), tags()).as(Repository::tagged);
  }

  private static Arbitrary<Instant> times() {
    return Arbitraries.longs().between(-1_000_000, 8_000_000_000L).map(Instant::ofEpochSecond);
  }

  private static Arbitrary<List<Sight>> waiting() {
    return Combinators.combine(digests(), times())
        .as(Sight::new)
        .list()
        .uniqueElements(Sight::digest)
        .ofMaxSize(3);
  }

  /** Texts that people write, and some that YAML would not give back without escapes. */
  private static Arbitrary<String> words() {
    return Arbitraries.oneOf(
        Arbitraries.of(
            "keys/acme.pub", "CN=release, O=\"acme\"", "true", "a: b # c", " x ", "ä→\u2028"),
        Arbitraries.strings()
            .ofMaxLength(12)
            .excludeChars('\0')
            .filter(text -> !hasSurrogates(text)));
  }

  private static boolean hasSurrogates(String text) {
    return text.chars().anyMatch(c -> Character.isSurrogate((char) c));
  }

  private static Arbitrary<LockedSignature> signatures() {
    Arbitrary<LockedSigner> signers =
        Arbitraries.oneOf(
            Combinators.combine(words(), digests()).as(LockedSigner.OfKey::new),
            Combinators.combine(words(), words()).as(LockedSigner.Keyless::new),
            Combinators.combine(words(), digests()).as(LockedSigner.Notation::new));
    return Combinators.combine(signers, digests(), words()).as(LockedSignature::new);
  }

  private static Arbitrary<LockedTrust> trust() {
    return Combinators.combine(
            times().optional(),
            waiting(),
            signatures().list().ofMaxSize(2),
            digests().optional(),
            Combinators.combine(digests(), words()).as(Denial::new).optional())
        .as(LockedTrust::new);
  }

  private static Arbitrary<LockedOrigin> origins() {
    Arbitrary<String> names =
        Arbitraries.of("ghcr.io/a/b:1.0+x", "https://c.example/x-1.tgz", "a", "x: y", "1/2:3");
    return Combinators.combine(
            Arbitraries.maps(names, digests()).ofMaxSize(2), names.list().ofMaxSize(2))
        .as(LockedOrigin::of);
  }

  /** An entry of a source by digest has that digest, and a target holds one. */
  private static LockFile lock(
      Map<ImageReference, LockedImage> images, Map<ImageReference, AwaitedImage> awaited) {
    TreeMap<ImageReference, LockedImage> locked = new TreeMap<>();
    images.forEach(
        (source, image) -> {
          boolean taken =
              locked.values().stream().anyMatch(other -> other.target().equals(image.target()));
          if (!taken) {
            Digest digest = source.digest() == null ? image.digest() : source.digest();
            List<Sight> waiting =
                image.trust().waiting().stream()
                    .filter(sight -> !sight.digest().equals(digest))
                    .toList();
            locked.put(
                source,
                new LockedImage(
                    digest,
                    image.targetDigest(),
                    image.target(),
                    image.platforms(),
                    image.trust().waitingFor(waiting),
                    image.origin()));
          }
        });
    TreeMap<ImageReference, AwaitedImage> others = new TreeMap<>(awaited);
    others.keySet().removeAll(locked.keySet());
    return LockFile.of(locked, others);
  }

  @Property(tries = 300)
  void text_readsBackToTheSameLock_andTheSameText(@ForAll("locks") LockFile lock) {
    String text = LockFileCodec.format(lock);
    LockFile read = LockFileCodec.parse("images.lock.yaml", text);
    assertThat(read).isEqualTo(lock);
    assertThat(LockFileCodec.format(read)).isEqualTo(text);
  }

  @Property(tries = 200)
  void text_isWhatTheSchemaAsksFor(@ForAll("locks") LockFile lock) throws Exception {
    assertThat(Schemas.complaints("images.lock", LockFileCodec.format(lock))).isEmpty();
  }

  @Property(tries = 200)
  void merge_ofOneChangedSide_isThatSide(
      @ForAll("locks") LockFile base, @ForAll("locks") LockFile changed) {
    LockFile sighted = LockMerge.merge(base, changed, base);
    assertThat(sighted.images().keySet()).isEqualTo(changed.images().keySet());
    assertThat(sighted.awaited().keySet()).isEqualTo(changed.awaited().keySet());
    assertThat(LockMerge.merge(base, base, changed)).isEqualTo(sighted);
  }

  @Property(tries = 200)
  void merge_ofTwoSides_canBeWrittenAndRead_andDelaysNoSight(
      @ForAll("locks") LockFile base,
      @ForAll("locks") LockFile ours,
      @ForAll("locks") LockFile theirs) {
    LockFile merged = LockMerge.merge(base, ours, theirs);
    assertThat(LockFileCodec.parse("l", LockFileCodec.format(merged))).isEqualTo(merged);
    Sights sights = Sights.of(merged);
    for (LockFile side : List.of(ours, theirs)) {
      side.images()
          .forEach(
              (source, image) ->
                  image
                      .trust()
                      .firstSeen()
                      .ifPresent(
                          time ->
                              assertThat(sights.find(source.repository(), image.digest()))
                                  .satisfiesAnyOf(
                                      found -> assertThat(found).isEmpty(),
                                      found ->
                                          assertThat(found)
                                              .hasValueSatisfying(
                                                  seen ->
                                                      assertThat(seen).isBeforeOrEqualTo(time)))));
    }
  }
}
