package io.entrepot.trust;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryException;
import io.entrepot.trust.material.BrokenSignatureException;
import io.entrepot.trust.material.Bytes;
import io.entrepot.trust.notation.NotationSignature;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Fetches what hangs on one image, one after the other, for as long as somebody wants more. Asks
 * for little: referrers count as no pull anywhere, a tag is asked for by HEAD before its manifest
 * is fetched. Blocks; for virtual threads.
 */
final class AttachedReader {

  /** Statements that are looked at, in all: others may hang any number on an image. */
  static final int MAX_STATEMENTS = 256;

  /** Bytes of a bundle, an envelope or an attestation; one with a large SBOM has some millions. */
  static final int MAX_BYTES = 8 * 1024 * 1024;

  private static final String NOTARY = "application/vnd.cncf.notary.signature";
  private static final String SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json";
  private static final String ENVELOPE = "application/vnd.dsse.envelope.v1+json";
  private static final String PREDICATE_TYPE = "dev.sigstore.bundle.predicateType";

  /** What comes of looking at one thing. */
  interface Visitor {

    /** Takes something that could be read; true when nothing more is wanted. */
    boolean found(Attached attached);

    /** Something that claims to be a signature and cannot be read. */
    void broken(String reason);

    /** Something that could not be fetched, or that nobody looked at. */
    void unseen(String reason);
  }

  /** What is wanted of all that may hang there. */
  record Wanted(boolean signatures, List<String> predicateTypes, boolean notary) {}

  private final AttachedSource source;
  private final Repository repository;
  private final Descriptor image;
  private final Visitor visitor;
  private final Map<Digest, Bytes> blobs = new HashMap<>();
  private int statements;

  AttachedReader(AttachedSource source, Repository repository, Descriptor image, Visitor visitor) {
    this.source = source;
    this.repository = repository;
    this.image = image;
    this.visitor = visitor;
  }

  /** Looks at everything until the visitor has enough. */
  void read(Wanted wanted) {
    if (referrers(wanted)) {
      return;
    }
    if (wanted.signatures && tagged("sig", SIMPLE_SIGNING, Attached::ofOldSignature)) {
      return;
    }
    if (!wanted.predicateTypes.isEmpty()) {
      tagged("att", ENVELOPE, Attached::ofOldAttestation);
    }
  }

  private interface LayerReader {
    Attached read(Bytes bytes, Map<String, String> annotations);
  }

  /** What refers to the image: bundles, and envelopes of the Notary Project. */
  private boolean referrers(Wanted wanted) {
    List<Descriptor> all;
    try {
      all = new ArrayList<>(source.referrers(repository, image.digest()));
    } catch (RegistryException e) {
      visitor.unseen("what refers to it could not be listed: " + e.getMessage());
      return false;
    }
    // What annotations say decides who is looked at first, and nothing else: anybody writes them.
    all.sort(Comparator.comparing(each -> !promising(each, wanted)));
    for (Descriptor each : all) {
      String type = each.artifactType();
      boolean bundle = type != null && Attached.BundleVersion.isBundle(type);
      boolean notary = NOTARY.equals(type);
      // A fallback tag's entries often say nothing of their type.
      if ((type == null || bundle || (notary && wanted.notary)) && referrer(each, wanted)) {
        return true;
      }
    }
    return false;
  }

  private static boolean promising(Descriptor referrer, Wanted wanted) {
    String type = referrer.annotations().get(PREDICATE_TYPE);
    return type == null
        || (wanted.signatures && type.equals(Statement.SIGNATURE))
        || wanted.predicateTypes.contains(type);
  }

  private boolean referrer(Descriptor descriptor, Wanted wanted) {
    return attempt(
        "the referrer " + descriptor.digest(),
        () -> {
          Optional<RawManifest> raw = manifest(descriptor.digest());
          if (raw.isEmpty() || !(raw.get().parse() instanceof ImageManifest manifest)) {
            return false;
          }
          String type = typeOf(manifest);
          boolean bundle = Attached.BundleVersion.isBundle(type);
          if (!bundle && !(type.equals(NOTARY) && wanted.notary)) {
            return false;
          }
          if (manifest.subject() == null || !manifest.subject().digest().equals(image.digest())) {
            throw new BrokenSignatureException("it refers to another image");
          }
          if (manifest.layers().size() != 1) {
            throw new BrokenSignatureException(
                "it has %d layers; one is needed".formatted(manifest.layers().size()));
          }
          Descriptor layer = manifest.layers().getFirst();
          if (bundle) {
            return taken(() -> Attached.ofBundle(blob(layer)));
          }
          NotationSignature.Encoding encoding =
              NotationSignature.Encoding.of(layer.mediaType().value());
          return taken(() -> new Attached.Notary(blob(layer), encoding));
        });
  }

  private static String typeOf(ImageManifest manifest) {
    if (manifest.artifactType() != null) {
      return manifest.artifactType();
    }
    Descriptor config = manifest.config();
    return config == null ? "" : config.mediaType().value();
  }

  /** What hangs on a tag of the old layout, made of the digest. */
  private boolean tagged(String suffix, String layerType, LayerReader reader) {
    Tag tag = Tag.attachmentOf(image.digest(), suffix);
    return attempt(
        "the tag " + tag,
        () -> {
          Optional<Descriptor> there = source.find(repository.tagged(tag));
          if (there.isEmpty()) {
            return false;
          }
          Optional<RawManifest> raw = manifest(there.get().digest());
          if (raw.isEmpty()) {
            return false;
          }
          if (!(raw.get().parse() instanceof ImageManifest manifest)) {
            throw new BrokenSignatureException("it is no image manifest");
          }
          for (Descriptor layer : manifest.layers()) {
            boolean done =
                layer.mediaType().value().equals(layerType)
                    && attempt(
                        "a layer of the tag " + tag,
                        () -> taken(() -> reader.read(blob(layer), layer.annotations())));
            if (done) {
              return true;
            }
          }
          return false;
        });
  }

  private interface Step {
    boolean run();
  }

  private interface Reading {
    Attached read();
  }

  private boolean taken(Reading reading) {
    statements++;
    if (statements == MAX_STATEMENTS + 1) {
      visitor.unseen(
          "more than %d statements hang on it; the rest was not looked at"
              .formatted(MAX_STATEMENTS));
    }
    return statements > MAX_STATEMENTS || visitor.found(reading.read());
  }

  private boolean attempt(String what, Step step) {
    try {
      return step.run();
    } catch (BrokenSignatureException e) {
      visitor.broken(what + ": " + e.reason());
    } catch (MalformedException e) {
      visitor.broken(what + ": " + e.getMessage());
    } catch (RegistryException e) {
      if (e.code() == ErrorCode.CORRUPT) {
        visitor.broken(what + ": " + e.getMessage());
      } else {
        visitor.unseen(what + ": " + e.getMessage());
      }
    }
    return false;
  }

  private Optional<RawManifest> manifest(Digest digest) {
    return source.manifest(repository.at(digest));
  }

  private Bytes blob(Descriptor layer) {
    if (layer.size() > MAX_BYTES) {
      throw new BrokenSignatureException(
          "it has %d bytes; at most %d are taken".formatted(layer.size(), MAX_BYTES));
    }
    Bytes known = blobs.get(layer.digest());
    if (known == null) {
      known = Bytes.of(source.blob(repository, layer, MAX_BYTES));
      blobs.put(layer.digest(), known);
    }
    return known;
  }
}
