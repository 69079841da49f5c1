package io.entrepot.testing;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RawManifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An image, an index or an artifact with all its bytes, ready to be put into a test registry.
 *
 * <p>Made by {@link TestImages}.
 */
public final class TestImage {

  private final RawManifest manifest;
  private final List<byte[]> blobs;
  private final List<TestImage> children;
  private final Descriptor entry;

  TestImage(
      RawManifest manifest,
      List<byte[]> blobs,
      List<TestImage> children,
      @Nullable Platform platform,
      @Nullable String artifactType) {
    this(
        manifest,
        blobs,
        children,
        new Descriptor(
            manifest.mediaType(),
            manifest.digest(),
            manifest.size(),
            platform,
            artifactType,
            Map.of(),
            List.of()));
  }

  private TestImage(
      RawManifest manifest, List<byte[]> blobs, List<TestImage> children, Descriptor entry) {
    this.manifest = manifest;
    this.blobs = List.copyOf(blobs);
    this.children = List.copyOf(children);
    this.entry = entry;
  }

  /** The manifest. */
  public RawManifest manifest() {
    return manifest;
  }

  /** The manifest's digest. */
  public Digest digest() {
    return manifest.digest();
  }

  /** How an index lists it: with platform and annotations. */
  public Descriptor entry() {
    return entry;
  }

  /** What an index lists, the children of an index; none of an image. */
  public List<TestImage> children() {
    return children;
  }

  /** Copies of the configuration and the layers, in that order; none of an index. */
  public List<byte[]> blobs() {
    return blobs.stream().map(byte[]::clone).toList();
  }

  /** The digests of {@link #blobs}, also of the children. */
  public List<Digest> allBlobs() {
    List<Digest> all = new ArrayList<>();
    blobs.forEach(blob -> all.add(Digest.of(blob)));
    children.forEach(child -> all.addAll(child.allBlobs()));
    return all.stream().distinct().toList();
  }

  /** The same image, listed by an index as if it were for another platform. */
  public TestImage listedAs(String platform) {
    return listed(platform.isEmpty() ? null : Platform.parse(platform), entry.annotations());
  }

  /** The same image, listed by an index without a platform. */
  public TestImage listedWithoutPlatform() {
    return listed(null, entry.annotations());
  }

  /** The same image, listed by an index with these annotations. */
  public TestImage listedWith(Map<String, String> annotations) {
    return listed(entry.platform(), annotations);
  }

  /** The same image, listed by an index under another media type. */
  public TestImage listedAs(MediaType mediaType) {
    return new TestImage(
        manifest,
        blobs,
        children,
        new Descriptor(
            mediaType,
            entry.digest(),
            entry.size(),
            entry.platform(),
            entry.artifactType(),
            entry.annotations(),
            List.of()));
  }

  /** Puts it and everything in it there, under a tag. */
  public ImageReference push(TestRegistry registry, String repository, String tag) {
    put(registry, repository, tag);
    return registry.reference(repository, tag);
  }

  /** Puts it and everything in it there, without a tag. */
  public ImageReference push(TestRegistry registry, String repository) {
    put(registry, repository, null);
    return registry.reference(repository, digest().toString());
  }

  /** Puts the manifest alone there: its children are missing. */
  public ImageReference pushManifestOnly(TestRegistry registry, String repository, String tag) {
    registry.addManifest(repository, tag, manifest.mediaType(), manifest.bytes());
    return registry.reference(repository, tag);
  }

  private void put(TestRegistry registry, String repository, @Nullable String tag) {
    blobs.forEach(blob -> registry.addBlob(repository, blob));
    children.forEach(child -> child.put(registry, repository, null));
    registry.addManifest(repository, tag, manifest.mediaType(), manifest.bytes());
  }

  private TestImage listed(@Nullable Platform platform, Map<String, String> annotations) {
    return new TestImage(
        manifest,
        blobs,
        children,
        new Descriptor(
            entry.mediaType(),
            entry.digest(),
            entry.size(),
            platform,
            entry.artifactType(),
            annotations,
            List.of()));
  }
}
