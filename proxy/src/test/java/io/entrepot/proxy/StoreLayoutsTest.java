package io.entrepot.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.layout.Layout;
import io.entrepot.layout.LayoutReference;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Index;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layouts into a store and out of it. */
class StoreLayoutsTest {

  private static final MediaType LAYER =
      new MediaType("application/vnd.oci.image.layer.v1.tar+gzip");

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path folder;

  private Descriptor blob(Layout layout, MediaType type, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    Descriptor blob = Descriptor.of(type, Digest.of(bytes), bytes.length);
    layout.addBlob(blob.digest(), blob.size(), new ByteArrayInputStream(bytes));
    return blob;
  }

  private RawManifest image(Layout layout, String text, String more) {
    Descriptor config = blob(layout, MediaType.OCI_CONFIG, "{\"of\":\"" + text + "\"}");
    Descriptor layer = blob(layout, LAYER, text);
    return RawManifest.of(
        MediaType.OCI_MANIFEST,
        """
        {"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"%s","digest":"%s","size":%d},\
        "layers":[{"mediaType":"%s","digest":"%s","size":%d}]%s}"""
            .formatted(
                MediaType.OCI_MANIFEST,
                config.mediaType(),
                config.digest(),
                config.size(),
                layer.mediaType(),
                layer.digest(),
                layer.size(),
                more)
            .getBytes(UTF_8));
  }

  private LayoutReference written() {
    LayoutReference made = new LayoutReference(false, folder.resolve("made"), null);
    try (Layout layout = Layout.edit(made, 0)) {
      RawManifest one = image(layout, "one", "");
      RawManifest two = image(layout, "two", "");
      layout.add(one);
      layout.add(two);
      RawManifest list = Index.of(MediaType.OCI_INDEX, List.of(one.descriptor(), two.descriptor()));
      layout.add(list, Optional.of("docker.io/library/redis:7"));
      layout.add(one, Optional.of("1.0"));
      layout.add(two, Optional.of("team/app:2"));
      RawManifest signature =
          image(
              layout,
              "signed",
              ",\"subject\":{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
                  .formatted(list.mediaType(), list.digest(), list.size()));
      layout.add(signature);
    }
    return made;
  }

  private StoreAnswer run(StoreRequest request) {
    return StoreControl.run(folder.resolve("store"), request);
  }

  @Test
  void imported_isListed_andExportedAsItWas() throws IOException {
    LayoutReference made = written();

    assertThat(run(new StoreRequest.Import(made.toString())))
        .isEqualTo(
            new StoreAnswer.Imported(
                List.of("docker.io/library/redis:7", "made:1.0", "team/app:2")));
    assertThat(((StoreAnswer.Images) run(new StoreRequest.ListImages())).images())
        .extracting(image -> image.repository() + ":" + image.tag() + " " + image.local())
        .containsExactlyInAnyOrder(
            "docker.io/library/redis:7 false", "made:1.0 true", "team/app:2 true");

    String out = "oci-archive:" + folder.resolve("out.tar");
    StoreAnswer answer =
        run(new StoreRequest.Export(out, List.of("docker.io/library/redis:7", "team/app")));
    assertThat(answer)
        .isEqualTo(
            new StoreAnswer.Written(List.of("docker.io/library/redis:7", "team/app:2"), List.of()));
    try (Layout before = Layout.open(made);
        Layout after = Layout.open(LayoutReference.parse(out).orElseThrow())) {
      after.verify();
      after.requireWhole();
      Descriptor list =
          after.entries().stream()
              .filter(each -> Layout.nameOf(each).equals(Optional.of("docker.io/library/redis:7")))
              .findFirst()
              .orElseThrow();
      assertThat(after.attachedTo(list.digest()))
          .isEqualTo(before.attachedTo(list.digest()))
          .hasSize(1);
      assertThat(after.images()).hasSize(2);
    }
  }

  @Test
  void brokenLayout_bringsNothing() throws IOException {
    LayoutReference made = written();
    Path blob = made.path().resolve("blobs/sha256/" + Digest.of("one".getBytes(UTF_8)).hex());
    Files.writeString(blob, "onf");

    assertThat(run(new StoreRequest.Import(made.toString())))
        .isInstanceOfSatisfying(
            StoreAnswer.Failed.class,
            failed -> assertThat(failed.error()).contains(blob.getFileName().toString()));
    assertThat(run(new StoreRequest.ListImages())).isEqualTo(new StoreAnswer.Images(List.of()));
  }

  @Test
  void whatIsNotInTheStore_isNamed() {
    assertThat(run(new StoreRequest.Import(written().toString())))
        .isInstanceOf(StoreAnswer.Imported.class);

    assertThat(
            run(
                new StoreRequest.Export(
                    "oci:" + folder.resolve("out"), List.of("docker.io/library/nginx:1"))))
        .isEqualTo(new StoreAnswer.Written(List.of(), List.of("docker.io/library/nginx:1")));
  }
}
