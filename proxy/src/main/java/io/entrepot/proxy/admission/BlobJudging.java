package io.entrepot.proxy.admission;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import io.entrepot.policy.Decision;
import io.entrepot.proxy.pull.ContentKey;
import io.entrepot.store.RepositoryId;
import io.entrepot.store.StoreException;
import io.entrepot.store.StoredManifest;
import io.entrepot.store.StoredRepository;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Judges blobs by the manifests that hold them: a blob is given unless it is denied itself, or
 * every manifest that is known here to hold it is refused.
 */
final class BlobJudging {

  /** Manifests of one repository that are asked about a blob; base layers are in very many. */
  private static final int MOST_HOLDERS = 256;

  private final Judging manifests;
  private final Surroundings around;
  private final Cache<ContentKey, Ruling> rulings =
      Caffeine.newBuilder().maximumSize(200_000).build();

  /** What denied images hold that lie in the store, whoever's they are. */
  private final Set<Digest> heldByDenied;

  /** Blocks: looks for denied images in the store. */
  BlobJudging(Judging manifests, Surroundings around) {
    this.manifests = manifests;
    this.around = around;
    Set<Digest> held = new HashSet<>();
    manifests.policy().denied().keySet().forEach(denied -> addContents(denied, held, 0));
    this.heldByDenied = Set.copyOf(held);
  }

  private void addContents(Digest denied, Set<Digest> held, int depth) {
    Optional<Manifest> manifest = depth > 1 ? Optional.empty() : stored(denied);
    if (manifest.isPresent()) {
      for (Descriptor child : manifest.get().children()) {
        held.add(child.digest());
        if (child.mediaType().isManifest()) {
          addContents(child.digest(), held, depth + 1);
        }
      }
    }
  }

  /** A manifest in the store, whatever repository has it; empty for other content. */
  private Optional<Manifest> stored(Digest digest) {
    try {
      Optional<byte[]> bytes =
          around
              .store()
              .contents()
              .find(digest)
              .filter(content -> content.size() <= RawManifest.MAX_BYTES)
              .flatMap(content -> around.store().contents().readAll(digest, RawManifest.MAX_BYTES));
      return bytes.isPresent() && bytes.get().length > 0 && bytes.get()[0] == '{'
          ? Optional.of(
              around
                  .pull()
                  .parsing()
                  .parse(RawManifest.of(type(bytes.get()), bytes.get(), digest.algorithm())))
          : Optional.empty();
    } catch (MalformedException | StoreException e) {
      // A layer, or a configuration.
      return Optional.empty();
    }
  }

  /** The content tells a list from an image, whatever type it has. */
  private static MediaType type(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    return text.contains("\"manifests\"") ? MediaType.OCI_INDEX : MediaType.OCI_MANIFEST;
  }

  /** What was ruled and is still believed, or null. */
  @Nullable Ruling known(RepositoryId id, Digest digest) {
    Ruling ruling = rulings.getIfPresent(new ContentKey(id, digest));
    return ruling == null || !ruling.isFresh(around.clock()) ? null : ruling;
  }

  /** Rules about a blob of a repository. */
  Future<Ruling> ruling(RepositoryId id, Digest digest) {
    Ruling known = known(id, digest);
    if (known != null) {
      return Future.succeededFuture(known);
    }
    Optional<Ruling> denial = manifests.denial(id, digest);
    if (denial.isPresent()) {
      return Future.succeededFuture(denial.get());
    }
    boolean free =
        manifests.policy().denied().isEmpty()
            && (id.isLocal() || !manifests.policy().asks(around.source(id, digest)));
    return free
        ? Future.succeededFuture(Ruling.ADMITTED)
        : around
            .pull()
            .repositories()
            .load(id)
            .compose(repository -> byHolders(repository, digest))
            .map(
                ruling -> {
                  Ruling kept = ruling.forAMoment(around.clock().instant());
                  rulings.put(new ContentKey(id, digest), kept);
                  return kept;
                });
  }

  private Future<Ruling> byHolders(StoredRepository repository, Digest digest) {
    if (repository.manifest(digest).isPresent()) {
      // A manifest, asked for as if it were a blob.
      return manifests.ruling(repository.id(), digest, null);
    }
    return around
        .workers()
        .run(
            () ->
                repository.holders(digest).stream()
                    .limit(MOST_HOLDERS)
                    .map(StoredManifest::digest)
                    .toList())
        .compose(
            holders ->
                holders.isEmpty()
                    ? Future.succeededFuture(elsewhere(digest))
                    : firstOf(repository.id(), holders));
  }

  private Ruling elsewhere(Digest digest) {
    return heldByDenied.contains(digest)
        ? Ruling.of(
            new Decision.Refused(
                Decision.Cause.DENIED,
                "the only image here that holds it is denied",
                "take another digest"),
            around.clock().instant())
        : Ruling.ADMITTED;
  }

  private Future<Ruling> firstOf(RepositoryId id, List<Digest> holders) {
    return manifests
        .ruling(id, holders.getFirst(), null)
        .compose(
            ruling ->
                ruling.isAdmitted() || holders.size() == 1
                    ? Future.succeededFuture(ruling)
                    : firstOf(id, holders.subList(1, holders.size())));
  }
}
