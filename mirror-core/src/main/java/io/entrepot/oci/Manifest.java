package io.entrepot.oci;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a manifest's bytes say: one image or artifact, or an index of several. */
public sealed interface Manifest permits ImageManifest, Index {

  /** The type stated in the document, or by the registry where the document states none. */
  MediaType mediaType();

  /** The kind of artifact, where stated. */
  @Nullable String artifactType();

  /** The content this one makes statements about. */
  @Nullable Descriptor subject();

  /** Annotations of the whole document, sorted by key. */
  Map<String, String> annotations();

  /** Everything this document needs to be complete, without the subject. */
  List<Descriptor> children();

  /** What was not understood and left out, each with its place in the document. */
  List<String> warnings();
}
