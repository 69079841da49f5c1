package io.entrepot.layout;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RawManifest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Signatures, SBOMs and attestations in a layout: what is one, and to what it belongs. */
final class Attachments {

  private static final String OURS = "application/vnd.entrepot.";

  private Attachments() {}

  /** Whether an entry is a file that travels beside the images, and no image. */
  static boolean isDocument(Descriptor entry) {
    return entry.artifactType() != null && entry.artifactType().startsWith(OURS);
  }

  /** Whether a name is that of a list of referrers, or of a signature of cosign's older kind. */
  static boolean isAttachment(String name) {
    return name.substring(name.lastIndexOf(':') + 1).matches("sha(256|512)-[0-9a-f]{64}(\\.\\w+)?");
  }

  static Optional<Descriptor> subjectOf(RawManifest raw) {
    try {
      return Optional.ofNullable(
          switch (raw.parse()) {
            case ImageManifest image -> image.subject();
            case Index index -> index.subject();
          });
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  /** As a list of referrers has it (distribution-spec 1.1, "Listing Referrers"). */
  static Descriptor asReferrer(RawManifest raw) {
    Manifest parsed = raw.parse();
    String type = parsed.artifactType();
    if (type == null && parsed instanceof ImageManifest image && image.config() != null) {
      type = image.config().mediaType().value();
    }
    return new Descriptor(
        raw.mediaType(), raw.digest(), raw.size(), null, type, parsed.annotations(), List.of());
  }

  /** Who refers to what, in a whole layout. */
  static Map<Digest, Map<Digest, Descriptor>> referrers(
      List<Descriptor> entries, LayoutContents contents) {
    Map<Digest, Map<Digest, Descriptor>> all = new LinkedHashMap<>();
    for (Descriptor entry : entries) {
      Optional<RawManifest> manifest = contents.manifest(entry);
      if (manifest.isEmpty()) {
        continue;
      }
      subjectOf(manifest.get())
          .ifPresent(
              subject ->
                  all.computeIfAbsent(subject.digest(), each -> new LinkedHashMap<>())
                      .put(entry.digest(), asReferrer(manifest.get())));
      Optional.ofNullable(LayoutIndex.name(entry))
          .filter(name -> isAttachment(name) && !name.contains("."))
          .ifPresent(name -> takeList(contents, manifest.get(), all));
    }
    return all;
  }

  private static void takeList(
      LayoutContents contents, RawManifest list, Map<Digest, Map<Digest, Descriptor>> all) {
    try {
      if (list.parse() instanceof Index index) {
        for (Descriptor entry : index.manifests()) {
          contents
              .manifest(entry)
              .flatMap(Attachments::subjectOf)
              .ifPresent(
                  subject ->
                      all.computeIfAbsent(subject.digest(), each -> new LinkedHashMap<>())
                          .putIfAbsent(entry.digest(), entry));
        }
      }
    } catch (MalformedException e) {
      // A tag that looks like a list of referrers and is none: it lists nothing.
      return;
    }
  }
}
