package io.entrepot.oci;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A list of manifests, usually one for each platform (OCI index, Docker manifest list).
 *
 * @param warnings what was not understood and left out, each with its place in the document
 */
public record Index(
    MediaType mediaType,
    @Nullable String artifactType,
    List<Descriptor> manifests,
    @Nullable Descriptor subject,
    Map<String, String> annotations,
    List<String> warnings)
    implements Manifest {

  public Index {
    manifests = List.copyOf(manifests);
    annotations = Map.copyOf(annotations);
    warnings = List.copyOf(warnings);
  }

  /**
   * A list of these entries in their order. Equal entries give equal bytes.
   *
   * @param type {@link MediaType#OCI_INDEX} or {@link MediaType#DOCKER_LIST}
   * @throws MalformedException beyond {@link RawManifest#MAX_BYTES}
   */
  public static RawManifest of(MediaType type, List<Descriptor> entries) {
    return RawManifest.of(type, json(type, entries));
  }

  /** As {@link #of}, the bytes alone and however many there are. */
  public static byte[] json(MediaType type, List<Descriptor> entries) {
    return ManifestWriter.index(type, entries);
  }

  /**
   * The entries of a list as long as registries send them, which for referrers is longer than a
   * manifest may be. An entry that breaks its grammar is left out.
   *
   * @param max entries, in all
   * @param leftOut is told, in a sentence, of each entry that is left out
   * @throws MalformedException for what is no index, and beyond {@code max}
   */
  public static List<Descriptor> entries(byte[] json, int max, Consumer<String> leftOut) {
    return EntryReader.read(json, max, leftOut);
  }

  @Override
  public List<Descriptor> children() {
    return manifests;
  }

  /** The entries that are images: attestations and other artifacts left out. */
  public List<Descriptor> images() {
    return manifests.stream()
        .filter(entry -> !entry.isAttestation() && !entry.isArtifact())
        .toList();
  }

  /**
   * The entry that a client of a platform takes: the first for the same platform, else the first of
   * the newest variant that the platform can run.
   */
  public Optional<Descriptor> entryFor(Platform wanted) {
    List<Descriptor> served = new ArrayList<>();
    for (Descriptor entry : images()) {
      Platform platform = entry.platform();
      if (wanted.equals(platform)) {
        return Optional.of(entry);
      }
      if (platform != null && platform.satisfies(wanted)) {
        served.add(entry);
      }
    }
    Comparator<Descriptor> byPlatform =
        Comparator.comparing(entry -> Objects.requireNonNull(entry.platform()));
    return served.stream().reduce((a, b) -> byPlatform.compare(a, b) >= 0 ? a : b);
  }
}
