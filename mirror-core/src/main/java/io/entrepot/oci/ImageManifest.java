package io.entrepot.oci;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One image or artifact: a configuration and layers.
 *
 * @param config absent only in artifact manifests of the OCI 1.1 release candidates
 */
public record ImageManifest(
    MediaType mediaType,
    @Nullable String artifactType,
    @Nullable Descriptor config,
    List<Descriptor> layers,
    @Nullable Descriptor subject,
    Map<String, String> annotations,
    List<String> warnings)
    implements Manifest {

  public ImageManifest {
    layers = List.copyOf(layers);
    annotations = Map.copyOf(annotations);
    warnings = List.copyOf(warnings);
  }

  /** Configuration first, then layers, foreign ones included. */
  @Override
  public List<Descriptor> children() {
    List<Descriptor> children = new ArrayList<>(layers.size() + 1);
    if (config != null) {
      children.add(config);
    }
    children.addAll(layers);
    return List.copyOf(children);
  }

  /** Whether this is a runnable image, whose configuration names a platform. */
  public boolean isRunnable() {
    return artifactType == null && hasImageConfig();
  }

  /**
   * Whether the configuration is that of an image. Docker 1.10 and 1.11 pushed it as {@code
   * application/octet-stream} (moby/moby#44567).
   */
  public boolean hasImageConfig() {
    return config != null
        && (config.mediaType().isImageConfig()
            || (mediaType.equals(MediaType.DOCKER_MANIFEST)
                && config.mediaType().equals(MediaType.OCTET_STREAM)));
  }
}
