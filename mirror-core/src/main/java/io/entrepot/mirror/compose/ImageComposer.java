package io.entrepot.mirror.compose;

import io.entrepot.mirror.compose.AddedFiles.Source;
import io.entrepot.mirror.compose.Composed.Layer;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageConfig;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Repository;
import io.entrepot.verify.ImageContent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Composes an image of a base and files. Blocks while it reads; one thread. */
public final class ImageComposer {

  private static final MediaType LAYER =
      new MediaType("application/vnd.oci.image.layer.v1.tar+gzip");

  private final Composition composition;
  private final Map<ImageReference, Descriptor> roots;
  private final Function<Repository, ImageContent> contents;
  private final BiFunction<Platform, Digest, Optional<Descriptor>> known;
  private final Map<Digest, RawManifest> manifests = new HashMap<>();
  private final Map<Shown, Source> sources = new HashMap<>();

  /**
   * @param roots what each source means now
   * @param contents reads a repository
   * @param known the packed layer of a platform and diff ID that lies at the target already, so
   *     that another compressor's bytes move nothing
   */
  public ImageComposer(
      Composition composition,
      Map<ImageReference, Descriptor> roots,
      Function<Repository, ImageContent> contents,
      BiFunction<Platform, Digest, Optional<Descriptor>> known) {
    this.composition = composition;
    this.roots = Map.copyOf(roots);
    this.contents = contents;
    this.known = known;
  }

  /**
   * The image for these platforms.
   *
   * @throws ComposeException for what is asked and cannot be
   * @throws IOException where a source cannot be read
   */
  public Composed compose(List<Platform> platforms) throws IOException {
    List<RawManifest> made = new ArrayList<>();
    List<Descriptor> entries = new ArrayList<>();
    Map<Digest, byte[]> blobs = new HashMap<>();
    SortedMap<Platform, Layer> layers = new TreeMap<>();
    ComposedDocuments documents =
        new ComposedDocuments(composition.base(), root(composition.base()).digest());
    for (Platform platform : platforms.stream().sorted().toList()) {
      ImageManifest base = manifest(composition.base(), platform);
      ImageContent content = contents.apply(composition.base().repository());
      SortedMap<String, AddedFiles.Member> members =
          AddedFiles.of(
              composition.additions(),
              FileTree.of(content, base.layers()),
              platform,
              image -> source(image, platform));
      PackedLayer packed = PackedLayer.of(members);
      Descriptor layer = known.apply(platform, packed.diffId()).orElse(null);
      if (layer == null) {
        byte[] bytes = packed.packed().getBytes();
        layer = Descriptor.of(LAYER, Digest.of(bytes), bytes.length);
        blobs.put(layer.digest(), bytes);
      }
      layers.put(platform, new Layer(packed.diffId(), layer));
      byte[] config =
          documents.config(
              content.blob(config(base), ImageConfig.MAX_BYTES),
              composition.changes(),
              packed.diffId());
      blobs.put(Digest.of(config), config);
      RawManifest manifest = documents.manifest(config, base.layers(), layer);
      made.add(manifest);
      entries.add(
          new Descriptor(
              manifest.mediaType(),
              manifest.digest(),
              manifest.size(),
              platform,
              null,
              Map.of(),
              List.of()));
    }
    return new Composed(documents.index(entries), made, blobs, layers);
  }

  private record Shown(ImageReference image, Platform platform) {}

  private Source source(ImageReference image, Platform platform) {
    return sources.computeIfAbsent(new Shown(image, platform), _ -> read(image, platform));
  }

  private Source read(ImageReference image, Platform platform) {
    ImageContent content = contents.apply(image.repository());
    try {
      FileTree tree = FileTree.of(content, manifest(image, platform).layers());
      return new Source(tree, (wanted, most) -> tree.read(content, wanted, most));
    } catch (IOException e) {
      throw new UncheckedIOException("%s: %s".formatted(image, e.getMessage()), e);
    }
  }

  private Descriptor root(ImageReference image) {
    Descriptor root = roots.get(image);
    if (root == null) {
      throw new IllegalStateException("not resolved: " + image);
    }
    return root;
  }

  /** The manifest of a platform in what a reference means. */
  private ImageManifest manifest(ImageReference image, Platform platform) throws IOException {
    Descriptor root = root(image);
    Manifest parsed = parsed(image, root);
    if (parsed instanceof Index index) {
      List<Descriptor> images =
          index.images().stream().filter(each -> each.platform() != null).toList();
      Descriptor entry =
          images.stream()
              .filter(each -> platform.equals(each.platform()))
              .findFirst()
              .or(() -> images.stream().filter(each -> fits(each.platform(), platform)).findFirst())
              .orElseThrow(
                  () -> new IOException("%s holds no image for %s".formatted(image, platform)));
      parsed = parsed(image, entry);
    }
    if (parsed instanceof ImageManifest manifest && manifest.isRunnable()) {
      return manifest;
    }
    throw new IOException("%s is no image that runs".formatted(image));
  }

  private static boolean fits(@Nullable Platform offered, Platform wanted) {
    return offered != null && offered.satisfies(wanted);
  }

  private Manifest parsed(ImageReference image, Descriptor descriptor) throws IOException {
    RawManifest raw =
        manifests.computeIfAbsent(
            descriptor.digest(), _ -> contents.apply(image.repository()).manifest(descriptor));
    try {
      return raw.parse();
    } catch (MalformedException e) {
      throw new IOException("%s: %s".formatted(image, e.getMessage()), e);
    }
  }

  private Descriptor config(ImageManifest manifest) throws IOException {
    Descriptor config = manifest.config();
    if (config == null) {
      throw new IOException("%s has no configuration".formatted(composition.base()));
    }
    return config;
  }
}
