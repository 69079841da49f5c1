package io.entrepot.proxy.route;

import io.entrepot.oci.Digest;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.ErrorCode;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An address below {@code /v2/} (distribution-spec 1.1, "Endpoints").
 *
 * <p>Read from the end, so that a repository may have parts named {@code blobs} or {@code
 * manifests}. Nothing is decoded save the colon of a digest, and nothing is normalised.
 */
public sealed interface DistributionPath {

  /** The kind of address in metrics and logs: one of seven words. */
  String kind();

  /** {@code /v2/}. */
  record Base() implements DistributionPath {
    @Override
    public String kind() {
      return "base";
    }
  }

  /** {@code /v2/_catalog}. */
  record Catalog() implements DistributionPath {
    @Override
    public String kind() {
      return "catalog";
    }
  }

  /** An address in a repository. */
  sealed interface InRepository extends DistributionPath {
    /** The repository's path; its grammar holds. */
    String name();
  }

  /** {@code tags/list}. */
  record Tags(String name) implements InRepository {
    @Override
    public String kind() {
      return "tags";
    }
  }

  /** {@code manifests/REFERENCE}; exactly one of tag and digest is there. */
  record Manifest(String name, @Nullable Tag tag, @Nullable Digest digest) implements InRepository {
    @Override
    public String kind() {
      return "manifest";
    }
  }

  /** {@code blobs/DIGEST}. */
  record Blob(String name, Digest digest) implements InRepository {
    @Override
    public String kind() {
      return "blob";
    }
  }

  /** {@code blobs/uploads/}. */
  record Uploads(String name) implements InRepository {
    @Override
    public String kind() {
      return "upload";
    }
  }

  /** {@code blobs/uploads/ID}. */
  record Upload(String name, UUID id) implements InRepository {
    @Override
    public String kind() {
      return "upload";
    }
  }

  /** {@code referrers/DIGEST}. */
  record Referrers(String name, Digest digest) implements InRepository {
    @Override
    public String kind() {
      return "referrers";
    }
  }

  /** Longest path taken, in characters. */
  int MAX_LENGTH = 1024;

  /**
   * Parses the raw path of a request.
   *
   * @return empty where the specification has no such address
   * @throws BadPathException where it has, and a part breaks its grammar
   */
  static Optional<DistributionPath> parse(String rawPath) {
    if (rawPath.equals("/v2/") || rawPath.equals("/v2")) {
      return Optional.of(new Base());
    }
    if (!rawPath.startsWith("/v2/") || rawPath.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    String path = rawPath.substring(4);
    if (path.equals("_catalog")) {
      return Optional.of(new Catalog());
    }
    int end = path.length();
    int lastSlash = path.lastIndexOf('/');
    if (lastSlash <= 0) {
      return Optional.empty();
    }
    String last = path.substring(lastSlash + 1);
    int kindSlash = path.lastIndexOf('/', lastSlash - 1);
    String kind = path.substring(kindSlash + 1, lastSlash);
    if (kindSlash < 0) {
      return Optional.empty();
    }
    String before = path.substring(0, kindSlash);
    return switch (kind) {
      case "manifests" -> Optional.of(manifest(name(before), last));
      case "tags" -> last.equals("list") ? Optional.of(new Tags(name(before))) : Optional.empty();
      case "referrers" -> Optional.of(new Referrers(name(before), digest(last)));
      case "blobs" ->
          last.equals("uploads")
              ? Optional.of(new Uploads(name(before)))
              : Optional.of(new Blob(name(before), digest(last)));
      case "uploads" ->
          before.endsWith("/blobs")
              ? Optional.of(upload(name(before.substring(0, before.length() - 6)), last))
              : Optional.empty();
      default -> end > 0 && !path.contains("//") ? Optional.empty() : reject(path);
    };
  }

  private static Optional<DistributionPath> reject(String path) {
    throw new BadPathException(ErrorCode.NAME_INVALID, "not a repository: '" + path + "'");
  }

  private static DistributionPath upload(String name, String id) {
    if (id.isEmpty()) {
      return new Uploads(name);
    }
    try {
      UUID parsed = UUID.fromString(id);
      if (parsed.toString().equals(id)) {
        return new Upload(name, parsed);
      }
    } catch (IllegalArgumentException e) {
      throw new BadPathException(ErrorCode.BLOB_UPLOAD_UNKNOWN, "no such upload");
    }
    throw new BadPathException(ErrorCode.BLOB_UPLOAD_UNKNOWN, "no such upload");
  }

  private static DistributionPath manifest(String name, String reference) {
    String text = colons(reference);
    if (text.indexOf(':') >= 0) {
      return new Manifest(name, null, digest(text));
    }
    try {
      return new Manifest(name, new Tag(text), null);
    } catch (MalformedException e) {
      throw new BadPathException(ErrorCode.TAG_INVALID, String.valueOf(e.getMessage()));
    }
  }

  private static Digest digest(String text) {
    try {
      return Digest.parse(colons(text));
    } catch (MalformedException e) {
      throw new BadPathException(ErrorCode.DIGEST_INVALID, String.valueOf(e.getMessage()));
    }
  }

  private static String colons(String text) {
    return text.indexOf('%') < 0 ? text : text.replace("%3A", ":").replace("%3a", ":");
  }

  private static String name(String text) {
    try {
      return new Repository(NameCheck.ANY, text).path();
    } catch (MalformedException e) {
      throw new BadPathException(ErrorCode.NAME_INVALID, String.valueOf(e.getMessage()));
    }
  }

  /** Holds a registry's name for the check of paths. */
  final class NameCheck {
    private static final RegistryName ANY = new RegistryName("localhost");

    private NameCheck() {}
  }

  /** An address whose part breaks its grammar. */
  final class BadPathException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final ErrorCode code;

    BadPathException(ErrorCode code, String message) {
      super(message, null, false, false);
      this.code = code;
    }

    /** Which. */
    public ErrorCode code() {
      return code;
    }
  }
}
