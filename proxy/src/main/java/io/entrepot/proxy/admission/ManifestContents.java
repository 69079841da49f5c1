package io.entrepot.proxy.admission;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.RawManifest;
import io.entrepot.proxy.pull.PullThrough;
import io.entrepot.proxy.pull.PulledManifest;
import io.entrepot.registry.RegistryClient;
import io.entrepot.store.RepositoryId;
import io.entrepot.store.StoredRepository;
import io.vertx.core.Future;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What manifests lead to: children, configurations, layers, and what they make statements about.
 * Children of a list that are not here are fetched, save from an upstream that counts pulls: there
 * they are looked at when somebody asks for them.
 */
final class ManifestContents {

  /** Lists within lists; real ones have one level. */
  private static final int MAX_DEPTH = 4;

  /** Entries of a list that is looked through; real ones have some ten platforms. */
  private static final int MAX_ENTRIES = 256;

  /**
   * What a manifest leads to.
   *
   * @param whole whether every child was looked at
   */
  record Contents(Set<Digest> digests, boolean whole) {

    static final Contents UNKNOWN = new Contents(Set.of(), false);

    Contents {
      digests = Set.copyOf(digests);
    }
  }

  private final PullThrough pull;
  private final RegistryClient client;

  ManifestContents(PullThrough pull, RegistryClient client) {
    this.pull = pull;
    this.client = client;
  }

  /**
   * What a manifest leads to; nothing where there is no such manifest. It is fetched where it is
   * not here.
   */
  Future<Contents> of(RepositoryId id, Digest digest) {
    Set<Digest> found = ConcurrentHashMap.newKeySet();
    return pull.repositories()
        .load(id)
        .compose(repository -> find(repository, digest))
        .compose(
            manifest ->
                manifest.isEmpty()
                    ? Future.succeededFuture(true)
                    : below(id, manifest.get(), found, 0))
        .map(whole -> new Contents(new HashSet<>(found), whole));
  }

  private Future<Optional<PulledManifest>> find(StoredRepository repository, Digest digest) {
    PulledManifest held = pull.manifests().held(repository.id(), digest);
    return held != null || repository.id().isLocal()
        ? Future.succeededFuture(Optional.ofNullable(held))
        : pull.manifests().manifest(repository.id(), digest);
  }

  private Future<Boolean> below(
      RepositoryId id, PulledManifest manifest, Set<Digest> found, int depth) {
    Digest subject = manifest.manifest().subject();
    if (subject != null) {
      found.add(subject);
    }
    return children(id, manifest)
        .compose(
            children -> {
              found.addAll(children);
              if (!manifest.manifest().mediaType().isIndex()) {
                return Future.succeededFuture(true);
              }
              if (depth == MAX_DEPTH || children.size() > MAX_ENTRIES) {
                return Future.failedFuture(
                    new MalformedException(
                        "a list with more than %d entries, or lists within lists"
                            .formatted(MAX_ENTRIES)));
              }
              List<Future<Boolean>> looks =
                  children.stream().map(child -> child(id, child, found, depth + 1)).toList();
              return Future.all(looks)
                  .map(all -> looks.stream().allMatch(look -> look.result().equals(true)));
            });
  }

  private Future<List<Digest>> children(RepositoryId id, PulledManifest manifest) {
    RawManifest unkept = manifest.unkept();
    return unkept == null
        ? pull.repositories()
            .load(id)
            .map(repository -> repository.children(manifest.manifest().digest()).orElse(List.of()))
        : Future.succeededFuture(
            unkept.parse().children().stream().map(Descriptor::digest).toList());
  }

  private Future<Boolean> child(RepositoryId id, Digest child, Set<Digest> found, int depth) {
    PulledManifest held = pull.manifests().held(id, child);
    if (held != null) {
      return below(id, held, found, depth);
    }
    if (id.isLocal() || isCounted(id)) {
      return Future.succeededFuture(false);
    }
    return pull.manifests()
        .manifest(id, child)
        .compose(
            fetched ->
                fetched.isEmpty()
                    ? Future.succeededFuture(true)
                    : below(id, fetched.get(), found, depth));
  }

  /** Whether the upstream of a repository counts pulls. */
  boolean isCounted(RepositoryId id) {
    return id.upstream() != null && client.rateLimit(id.upstream()).isPresent();
  }
}
