package io.entrepot.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.config.SpecLoader;
import io.entrepot.lock.LockedSignature;
import io.entrepot.mirror.ImageResult.Outcome;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Index;
import io.entrepot.testing.Layer;
import io.entrepot.testing.SignedImages;
import io.entrepot.testing.TestImage;
import io.entrepot.testing.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Composed images under a policy: each source is judged under its own name, whenever it changes.
 */
class ComposePolicyTest extends PolicySetup {

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path folder;

  @BeforeEach
  void sources() {
    policy = "minAge: 0s";
    push("acme/base", "base");
    push("acme/tool", "tool");
  }

  private void push(String repository, String name) {
    TestImage[] platforms =
        BOTH.stream()
            .map(
                platform ->
                    TestImages.builder(platform.toString())
                        .layers(
                            Layer.files()
                                .directory("opt")
                                .executable("opt/" + name, (name + platform).getBytes(UTF_8))
                                .gzip())
                        .command("sleep")
                        .build())
            .toArray(TestImage[]::new);
    TestImages.index(platforms).push(source, repository, "1");
  }

  private MirrorEntry entry(ImageReference base) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("mirror.yaml"),
            """
            images:
              - target: %s
                compose:
                  base: %s
                  add: [{ image: %s, path: /opt/tool, to: /opt/added }]
            """
                .formatted(
                    target.reference("mirror/runner", "1"),
                    base,
                    source.reference("acme/tool", "1")));
    return MirrorSpecReader.load(new SpecLoader(_ -> null), file).spec().entries().getFirst();
  }

  private ImageResult composed() throws IOException {
    return only(run(options(), entry(source.reference("acme/base", "1"))));
  }

  private Digest layerOf(String repository) {
    Descriptor child = ((Index) source.manifest(repository, "1").parse()).children().getFirst();
    return ((ImageManifest) source.manifest(repository, child.digest().toString()).parse())
        .layers()
        .getFirst()
        .digest();
  }

  private void deny(Digest digest) {
    policy = "deny: [{ digest: '%s', reason: poisoned }]".formatted(digest);
  }

  private void assertRefused(ImageResult result) {
    assertThat(result.outcome()).as(String.valueOf(result.error())).isEqualTo(Outcome.REFUSED);
    assertThat(result.error()).contains("denied", "poisoned");
  }

  @Test
  void sourceThatIsDenied_refusesTheComposedImage() throws IOException {
    for (String each : new String[] {"acme/base", "acme/tool"}) {
      deny(source.digestOf(each, "1"));
      assertRefused(composed());
    }
    assertThat(target.repositories()).isEmpty();
  }

  @Test
  void childOfASource_thatIsDenied_refusesTheComposedImage() throws IOException {
    for (String each : new String[] {"acme/base", "acme/tool"}) {
      deny(((Index) source.manifest(each, "1").parse()).children().getLast().digest());
      assertRefused(composed());
    }
    assertThat(target.repositories()).isEmpty();
  }

  @Test
  void layerOfASource_thatIsDenied_refusesTheComposedImage() throws IOException {
    for (String each : new String[] {"acme/base", "acme/tool"}) {
      deny(layerOf(each));
      assertRefused(composed());
    }
    assertThat(target.repositories()).isEmpty();
  }

  @Test
  void layerOfASource_thatIsDeniedLater_refusesWhatIsLocked_andTheEntrySaysSo() throws IOException {
    for (String each : new String[] {"acme/base", "acme/tool"}) {
      policy = "minAge: 0s";
      assertThat(composed().outcome()).isIn(Outcome.COPIED, Outcome.UNCHANGED);
      deny(layerOf(each));
      assertRefused(composed());
      assertThat(
              lock.orElseThrow().images().values().iterator().next().trust().denied().isPresent())
          .isTrue();
    }
  }

  @Test
  void composedUnderDenials_isNotLookedThroughAgain() throws IOException {
    deny(Digest.of("something else".getBytes(UTF_8)));
    assertThat(composed().outcome()).isEqualTo(Outcome.COPIED);
    clear();

    assertThat(composed().outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(source.counts().keySet()).containsExactly("HEAD manifest");
  }

  @Test
  void youngSource_waits_andWhatIsLockedStays() throws IOException {
    policy = "minAge: 72h";
    assertThat(composed().outcome()).isEqualTo(Outcome.WAITING);
    later(Duration.ofHours(73));
    assertThat(composed().outcome()).isEqualTo(Outcome.COPIED);
    Digest first = target.digestOf("mirror/runner", "1");

    push("acme/base", "another base");
    composed();
    assertThat(target.digestOf("mirror/runner", "1")).isEqualTo(first);
  }

  @Test
  void signedBase_isAsked_alsoWhenThePolicyComesLater() throws IOException {
    try (SignedImages signed = new SignedImages()) {
      for (String key : new String[] {"p384", "p256"}) {
        // Its images are small and not of these platforms' format: only what is asked counts here.
        policy =
            "rules: [{ match: '%s/trust/**', signedBy: [{ key: keys/%s.pub }] }]"
                .formatted(signed.registry(), key);
        ImageResult result =
            only(
                run(
                    options(),
                    entry(ImageReference.parse(signed.registry() + "/trust/bundle-p256:1.0"))));
        if (key.equals("p256")) {
          assertThat(result.outcome()).as(result.error()).isEqualTo(Outcome.COPIED);
          assertThat(
                  Objects.requireNonNull(lock.orElseThrow().images().values().iterator().next())
                      .trust()
                      .signedBy())
              .extracting(LockedSignature::type)
              .hasSize(1);
        } else {
          assertThat(result.outcome()).as(result.error()).isEqualTo(Outcome.REFUSED);
          assertThat(result.error()).contains("wrong-signer");
        }
      }
      signed.requests();
      ImageReference base = ImageReference.parse(signed.registry() + "/trust/bundle-p256:1.0");
      assertThat(only(run(options(), entry(base))).outcome()).isEqualTo(Outcome.UNCHANGED);
      assertThat(signed.requests()).allMatch(each -> each.startsWith("HEAD "));

      policy = policy.replace("p256", "p384");
      assertThat(only(run(options(), entry(base))).outcome()).isEqualTo(Outcome.REFUSED);
    }
  }
}
