package io.entrepot.proxy.admission;

import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.Tag;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Tells what only makes statements about images from what runs. Signatures, attestations and bills
 * of material hold documents and no files, so nothing of them can be started; to ask a signature
 * for its own signature would hide all signatures.
 */
final class EvidenceType {

  /** Fallback tags of the distribution specification, and cosign's. */
  private static final Pattern TAG = Pattern.compile("sha256-[0-9a-f]{64}(\\.[a-z]{1,16})?");

  private static final Pattern FALLBACK = Pattern.compile("sha256-[0-9a-f]{64}");

  private EvidenceType() {}

  /** Whether every layer is a document. */
  static boolean isEvidence(Manifest manifest) {
    return manifest instanceof ImageManifest image
        && !image.layers().isEmpty()
        && image.layers().stream().allMatch(layer -> isDocument(layer.mediaType()));
  }

  private static boolean isDocument(MediaType type) {
    String value = type.value().toLowerCase(Locale.ROOT);
    return value.endsWith("json") || value.equals("application/cose");
  }

  /** Whether a tag is made of the digest of what it says something about. */
  static boolean isTagOfStatements(Tag tag) {
    return TAG.matcher(tag.value()).matches();
  }

  /** Whether a tag lists what refers to a digest, for registries without that list. */
  static boolean isListOfReferrers(Tag tag) {
    return FALLBACK.matcher(tag.value()).matches();
  }
}
