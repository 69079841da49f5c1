package io.entrepot.proxy.page;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One image: its manifests as a tree, and what refers to it.
 *
 * @param reference as asked for: a tag or a digest
 * @param tags that mean it
 * @param pin the name with its digest, as it is written into files
 * @param platforms it is for; empty for an artifact, and where its configuration is not here
 * @param firstSeen when it was first kept here, or null
 * @param lastUsed when it was asked for last, or null
 * @param lock what a lock file says of the tag, or null
 * @param referrers those that are here
 */
public record ImageManifestTree(
    String name,
    String reference,
    String digest,
    List<String> tags,
    String pin,
    List<String> platforms,
    long bytes,
    @Nullable Instant firstSeen,
    @Nullable Instant lastUsed,
    Node manifest,
    @Nullable LockSays lock,
    List<Referrer> referrers) {

  /** Copies the lists. */
  public ImageManifestTree {
    tags = List.copyOf(tags);
    platforms = List.copyOf(platforms);
    referrers = List.copyOf(referrers);
  }

  /**
   * A manifest of the tree.
   *
   * @param artifactType null for images
   * @param platform as the list above it says, or null
   * @param here whether it is in the store; else nothing is known of what it holds
   * @param content configuration and layers
   * @param manifests entries of a list
   */
  public record Node(
      String digest,
      String mediaType,
      @Nullable String artifactType,
      @Nullable String platform,
      long bytes,
      boolean here,
      List<Piece> content,
      List<Node> manifests) {

    /** Copies the lists. */
    public Node {
      content = List.copyOf(content);
      manifests = List.copyOf(manifests);
    }
  }

  /** A configuration or a layer. */
  public record Piece(String digest, String mediaType, long bytes, boolean here) {}

  /** What makes statements about the image: a signature, an SBOM. */
  public record Referrer(
      String digest, String mediaType, @Nullable String artifactType, long bytes) {}
}
