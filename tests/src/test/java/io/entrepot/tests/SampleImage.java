package io.entrepot.tests;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.Digest;
import io.entrepot.testing.Layer;
import io.entrepot.testing.TestImage;
import io.entrepot.testing.TestImages;
import io.entrepot.testing.TestRegistry;
import java.util.Random;

/** Images of three layers, of which one is the same in all of them. */
final class SampleImage {

  private static final int DATA = 200_000;

  private SampleImage() {}

  /** Puts a list of both platforms and an attestation there. */
  static Digest twoPlatforms(TestRegistry registry, String repository, String tag) {
    TestImage amd64 = of(repository, "amd64");
    return list(
        registry, repository, tag, amd64, of(repository, "arm64"), TestImages.attestation(amd64));
  }

  /** Puts a list of these there. */
  static Digest list(TestRegistry registry, String repository, String tag, TestImage... entries) {
    TestImage list = TestImages.index(entries);
    list.push(registry, repository, tag);
    return list.digest();
  }

  /** An image for one processor, another one for each repository. */
  static TestImage of(String repository, String architecture) {
    return of(repository, architecture, architecture);
  }

  /**
   * An image that lies.
   *
   * @param says what its configuration says
   * @param program what its program is for
   */
  static TestImage of(String repository, String says, String program) {
    byte[] data = new byte[DATA];
    new Random((repository + says).hashCode()).nextBytes(data);
    return TestImages.builder("linux/" + says)
        .entrypoint("/bin/app")
        .layers(
            Layer.files()
                .program("bin/app", program)
                .file("etc/name", repository.getBytes(UTF_8))
                .plain(),
            Layer.files().file("etc/shared", "the same in every image".getBytes(UTF_8)).plain(),
            Layer.files().file("data", data).plain())
        .build();
  }
}
