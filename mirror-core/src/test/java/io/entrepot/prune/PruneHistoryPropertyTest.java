package io.entrepot.prune;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.RegistryClient;
import io.entrepot.testing.TestImage;
import io.entrepot.testing.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * Random histories of a mirror: tags move from image to image, former digests stay under retained
 * tags, revisions of git pin some of them. Whatever a counted revision pins can be pulled whole
 * after a run, also after one that was killed, and after the next.
 */
class PruneHistoryPropertyTest {

  private static final Repository REPOSITORY = Repository.parse("ghcr.io/acme/mirror/app");
  private static final Instant NOW = Instant.parse("2026-11-27T00:00:00Z");
  private static final Duration SINCE = Duration.ofDays(90);

  /** Children are shared between lists, and some lists have attestations or referrers. */
  private static final List<TestImage> IMAGES = images();

  private static Path folder = Path.of("");

  @BeforeContainer
  static void make() throws IOException {
    folder = Files.createTempDirectory("prune");
  }

  @AfterContainer
  static void remove() throws IOException {
    try (var files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }

  private static List<TestImage> images() {
    List<TestImage> singles = new ArrayList<>();
    for (String name : List.of("a", "b", "c", "d")) {
      singles.add(TestImages.builder("linux/amd64").annotation("name", name).build());
      singles.add(TestImages.builder("linux/arm64").annotation("name", name).build());
    }
    List<TestImage> images = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      TestImage one = singles.get(i);
      TestImage two = singles.get((i * 3 + 1) % singles.size());
      images.add(
          i % 2 == 0
              ? TestImages.index(one, two)
              : TestImages.index(one, two, TestImages.attestation(one)));
    }
    images.add(singles.get(6));
    return images;
  }

  /**
   * One state of the lock.
   *
   * @param image which the tag meant
   * @param days how many days ago that began
   */
  record Step(String tag, int image, int days) {}

  /**
   * What happened.
   *
   * @param pinned images that a revision's files pin, by number
   * @param dies after how many removals the first run is killed
   */
  record Story(List<Step> steps, Set<Integer> pinned, int dies, boolean api, int signed) {}

  @Provide
  Arbitrary<Story> stories() {
    Arbitrary<Step> steps =
        Combinators.combine(
                Arbitraries.of("1", "2"),
                Arbitraries.integers().between(0, IMAGES.size() - 1),
                Arbitraries.of(0, 10, 89, 91, 200, 400))
            .as(Step::new);
    return Combinators.combine(
            steps.list().ofMinSize(1).ofMaxSize(8),
            Arbitraries.integers().between(0, IMAGES.size() - 1).set().ofMaxSize(2),
            Arbitraries.integers().between(0, 8),
            Arbitraries.of(true, false),
            Arbitraries.integers().between(0, IMAGES.size() - 1))
        .as(Story::new);
  }

  private static void push(MemoryRegistry registry, TestImage image, Tag tag) {
    image.children().forEach(child -> registry.put(child.manifest(), null));
    registry.put(image.manifest(), tag);
  }

  /** The former digest of a moved tag stays reachable, as mirror leaves it. */
  private static void retain(MemoryRegistry registry, String tag, TestImage former) {
    registry.put(former.manifest(), new Tag(tag + "_" + former.digest().shortHex(12)));
  }

  @Property(tries = 10_000)
  void whatIsPinned_isPulledWhole(@ForAll("stories") Story story) throws IOException {
    MemoryRegistry registry = new MemoryRegistry(story.api());
    Marks marks = new Marks();
    Set<Digest> needed = new TreeSet<>();
    for (String tag : List.of("1", "2")) {
      List<Step> own =
          story.steps().stream()
              .filter(step -> step.tag().equals(tag))
              .sorted(Comparator.comparingInt(Step::days).reversed())
              .toList();
      for (int i = 0; i < own.size(); i++) {
        TestImage image = IMAGES.get(own.get(i).image());
        push(registry, image, new Tag(tag));
        marks.held(REPOSITORY, image.digest());
        boolean last = i == own.size() - 1;
        Instant until = last ? NOW : NOW.minus(Duration.ofDays(own.get(i + 1).days()));
        if (last || !until.isBefore(NOW.minus(SINCE))) {
          marks.mark(image.digest(), "a lock that counts");
          needed.add(image.digest());
        }
        if (!last && own.get(i + 1).image() != own.get(i).image()) {
          marks.left(REPOSITORY, image.digest(), until);
          retain(registry, tag, image);
        }
      }
    }
    for (int pinned : story.pinned()) {
      TestImage image = IMAGES.get(pinned);
      marks.mark(image.digest(), "a branch");
      if (registry.held().contains(image.digest())) {
        needed.add(image.digest());
      }
    }
    TestImage signed = IMAGES.get(story.signed());
    TestImage signature = TestImages.cosignSignature(signed);
    if (registry.held().contains(signed.digest())) {
      registry.put(signature.manifest(), new Tag(TestImages.cosignTag(signed, "sig")));
    }
    Path journals = Files.createTempDirectory(folder, "run");

    registry.dieAfter(story.dies());
    try {
      run(registry, marks, journals);
    } catch (MemoryRegistry.Killed e) {
      assertThat(needed).as("after a run that was killed").allMatch(registry::isWhole);
    }
    registry.dieAfter(Integer.MAX_VALUE);
    PruneReport report = run(registry, marks, journals);

    assertThat(report.unseen()).isEmpty();
    assertThat(report.failures()).isEmpty();
    assertThat(needed).allMatch(registry::isWhole);
    if (needed.contains(signed.digest())) {
      assertThat(registry.held()).contains(signature.digest());
    }
    if (story.dies() == 0) {
      // Nothing is left that a third run would remove.
      assertThat(run(registry, marks, journals).remove()).isEmpty();
    }
    for (TestImage image : IMAGES) {
      if (registry.held().contains(image.digest())) {
        assertThat(registry.isWhole(image.digest())).isTrue();
      }
    }
  }

  private static PruneReport run(MemoryRegistry registry, Marks marks, Path journals) {
    return Pruner.byRegistry(
        RegistryClient.of(registry),
        new PruneRequest(
            Repository.parse("ghcr.io/acme/mirror"),
            List.of(),
            List.of(),
            SINCE,
            NOW,
            true,
            journals),
        marks);
  }
}
