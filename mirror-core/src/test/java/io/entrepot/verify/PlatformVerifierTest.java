package io.entrepot.verify;

import static io.entrepot.verify.MemoryImages.bare;
import static io.entrepot.verify.MemoryImages.entry;
import static io.entrepot.verify.MemoryImages.platform;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RawManifest;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryException;
import io.entrepot.verify.Problem.Kind;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlatformVerifierTest {

  private static final ImageReference NAME = ImageReference.parse("quay.io/acme/app:1");
  private static final Platform AMD64 = Platform.parse("linux/amd64");
  private static final Platform ARM64 = Platform.parse("linux/arm64");
  private static final Requirement BOTH = Requirement.of(List.of(AMD64, ARM64));

  private final MemoryImages images = new MemoryImages();
  private final RawManifest amd64 = images.image(platform("linux", "amd64"));
  private final RawManifest arm64 = images.image(platform("linux", "arm64"));

  private Verification verify(RawManifest root, Requirement requirement) {
    return PlatformVerifier.verify(NAME, root, images, requirement);
  }

  private static List<Kind> kinds(Verification verification) {
    return verification.problems().stream().map(Problem::kind).toList();
  }

  @Test
  void completeList_isOk_withEvidence() {
    RawManifest attestation = images.typed(MediaType.OCI_CONFIG, platform("unknown", "unknown"));
    RawManifest root =
        images.index(
            entry(amd64, "linux/amd64"),
            entry(arm64, "linux/arm64/v8"),
            entry(attestation, "unknown/unknown"));
    Verification verification = verify(root, BOTH);
    assertThat(verification.ok()).isTrue();
    assertThat(verification.digest()).isEqualTo(root.digest());
    assertThat(verification.platforms())
        .containsExactly(
            new PlatformFinding(AMD64, true, List.of("entry", "manifest", "config")),
            new PlatformFinding(ARM64, true, List.of("entry", "manifest", "config")));
    assertThat(verify(root, Requirement.asListed()).platforms()).hasSize(2);
  }

  @Test
  void missingEntry_isNamed_withWhatThereIs() {
    Verification verification = verify(images.index(entry(amd64, "linux/amd64")), BOTH);
    assertThat(kinds(verification)).containsExactly(Kind.NO_ENTRY);
    assertThat(verification.problems().getFirst().toString())
        .startsWith("quay.io/acme/app:1: linux/arm64: no entry")
        .contains("it has linux/amd64")
        .contains("waive");
    assertThat(verification.platforms().get(1).present()).isFalse();
  }

  @Test
  void singleManifest_whereListIsRequired_isRefused() {
    Verification verification = verify(amd64, BOTH);
    assertThat(kinds(verification)).containsExactly(Kind.NOT_A_LIST);
    assertThat(verification.problems().getFirst().message())
        .isEqualTo("no manifest list: linux/amd64 only");
  }

  @Test
  void singleManifest_passesWithWaiver_forItsOwnPlatformOnly() {
    Requirement waived = Requirement.of(List.of(AMD64)).waived();
    assertThat(verify(amd64, waived).ok()).isTrue();
    assertThat(kinds(verify(arm64, waived))).containsExactly(Kind.NO_ENTRY);
    assertThat(BOTH.waived().singleAllowed()).isFalse();
  }

  @Test
  void configOfAnotherArchitecture_isRefused() {
    Verification verification =
        verify(images.index(entry(amd64, "linux/amd64"), entry(amd64, "linux/arm64")), BOTH);
    assertThat(kinds(verification)).containsExactly(Kind.PLATFORM_DISAGREES);
    assertThat(verification.problems().getFirst().message())
        .isEqualTo("the configuration says linux/amd64, the entry says linux/arm64");
  }

  @Test
  void configWithoutVariant_isBelievedOfTheEntry_aStatedOneMustAgree() {
    Requirement v6 = Requirement.of(List.of(Platform.parse("linux/arm/v6")));
    RawManifest silent = images.image(platform("linux", "arm"));
    RawManifest other = images.image(platform("linux", "arm") + ",\"variant\":\"v7\"");
    assertThat(verify(images.index(entry(silent, "linux/arm/v6")), v6).ok()).isTrue();
    assertThat(kinds(verify(images.index(entry(other, "linux/arm/v6")), v6)))
        .containsExactly(Kind.PLATFORM_DISAGREES);
  }

  @Test
  void missingChildAndMissingConfig_areNamed() {
    RawManifest root = images.index(entry(amd64, "linux/amd64"), entry(arm64, "linux/arm64"));
    images.manifests.remove(arm64.digest());
    assertThat(kinds(verify(root, BOTH))).containsExactly(Kind.MISSING_CONTENT);
    images.blobs.clear();
    assertThat(kinds(verify(root, BOTH)))
        .containsExactly(Kind.MISSING_CONTENT, Kind.MISSING_CONTENT);
  }

  @Test
  void wrongSizeAndWrongType_areBroken() {
    Descriptor d = amd64.descriptor();
    String platform = ",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}";
    String size =
        MemoryImages.json(Descriptor.of(d.mediaType(), d.digest(), d.size() + 1), platform);
    String type =
        MemoryImages.json(Descriptor.of(MediaType.DOCKER_MANIFEST, d.digest(), d.size()), platform);
    Requirement one = Requirement.of(List.of(AMD64));
    assertThat(kinds(verify(images.index(size), one))).containsExactly(Kind.BROKEN_CONTENT);
    assertThat(kinds(verify(images.index(type), one))).containsExactly(Kind.BROKEN_CONTENT);
  }

  @Test
  void twoEntriesForOnePlatform_areReported_equalOnesNoted() {
    RawManifest second = images.image(platform("linux", "amd64") + ",\"x\":1");
    String first = entry(amd64, "linux/amd64");
    Requirement one = Requirement.of(List.of(AMD64));
    assertThat(kinds(verify(images.index(first, entry(second, "linux/amd64")), one)))
        .containsExactly(Kind.DOUBLE_ENTRY);
    Verification equal = verify(images.index(first, first), one);
    assertThat(equal.ok()).isTrue();
    assertThat(equal.notes()).hasSize(1);
  }

  @Test
  void entryWithoutPlatform_isJudgedByItsConfig_andNoted() {
    Verification verification = verify(images.index(bare(amd64)), Requirement.of(List.of(AMD64)));
    assertThat(verification.ok()).isTrue();
    assertThat(verification.platforms().getFirst().evidence()).doesNotContain("entry");
    assertThat(verification.notes()).hasSize(1);
  }

  @Test
  void nestedLists_areFollowed_toADepth() {
    RawManifest root = images.index(entry(amd64, "linux/amd64"));
    Requirement one = Requirement.of(List.of(AMD64));
    for (int depth = 2; depth <= 4; depth++) {
      root = images.index(bare(root));
      assertThat(verify(root, one).ok()).isTrue();
    }
    assertThat(kinds(verify(images.index(bare(root)), one))).contains(Kind.TOO_LARGE);
  }

  @Test
  void chart_isNoImage_butAnArtifact() {
    RawManifest chart =
        images.typed(new MediaType("application/vnd.cncf.helm.config.v1+json"), "\"name\":\"x\"");
    Verification verification = verify(chart, BOTH);
    assertThat(kinds(verification)).containsExactly(Kind.NOT_AN_IMAGE);
    assertThat(verification.problems().getFirst().message()).contains("a Helm chart");
    assertThat(verify(chart, Requirement.ofArtifact()).ok()).isTrue();
  }

  @Test
  void registryThatCannotBeAsked_isNoProblemOfTheImage() {
    RawManifest root = images.index(entry(amd64, "linux/amd64"));
    RegistryException limit =
        RegistryException.of(ErrorCode.PULL_LIMIT, "GET", "quota").withStatus(429);
    ImageContent unable =
        new ImageContent() {
          @Override
          public RawManifest manifest(Descriptor descriptor) {
            throw limit;
          }

          @Override
          public byte[] blob(Descriptor descriptor, int maxBytes) {
            throw limit;
          }

          @Override
          public <T> T read(Descriptor descriptor, BlobReader<T> reader) throws IOException {
            throw limit;
          }
        };
    assertThatThrownBy(() -> PlatformVerifier.verify(NAME, root, unable, BOTH)).isSameAs(limit);
  }
}
