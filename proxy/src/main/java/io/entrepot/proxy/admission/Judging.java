package io.entrepot.proxy.admission;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.concurrent.SingleFlight;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Repository;
import io.entrepot.policy.Decision;
import io.entrepot.policy.Facts;
import io.entrepot.policy.Policy;
import io.entrepot.proxy.admission.ManifestContents.Contents;
import io.entrepot.proxy.pull.ContentKey;
import io.entrepot.registry.RegistryException;
import io.entrepot.store.RepositoryId;
import io.entrepot.store.StoredManifest;
import io.entrepot.store.StoredRepository;
import io.entrepot.trust.SignaturePolicy;
import io.entrepot.trust.SignatureVerifier;
import io.entrepot.trust.Verdict;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Judges manifests by one policy, each once for all who ask: denials first, then the lists that
 * hold it, then its age, its contents and its signatures. What costs nothing comes first.
 */
final class Judging {

  /** Lists that are asked whether they vouch for a child. */
  private static final int MOST_PARENTS = 32;

  /** Lists within lists; real ones have one level. */
  private static final int MAX_DEPTH = 4;

  private final Policy policy;
  private final Surroundings around;
  private final SingleFlight<ContentKey, Ruling> flights = new SingleFlight<>();
  private final SingleFlight<ContentKey, Verdict> verifications = new SingleFlight<>();
  private final Cache<ContentKey, Ruling> rulings =
      Caffeine.newBuilder().maximumSize(200_000).build();

  /** Others than these may be better when they are looked at again. */
  private final Cache<ContentKey, Verdict> verified =
      Caffeine.newBuilder().maximumSize(100_000).build();

  Judging(Policy policy, Surroundings around) {
    this.policy = policy;
    this.around = around;
  }

  /** The policy. */
  Policy policy() {
    return policy;
  }

  /** What was ruled and is still believed, or null. */
  @Nullable Ruling known(RepositoryId id, Digest digest) {
    Ruling ruling = rulings.getIfPresent(new ContentKey(id, digest));
    return ruling == null || !ruling.isFresh(around.clock()) ? null : ruling;
  }

  /** What can be said of a digest of a repository before anything is known of it. */
  Optional<Ruling> denial(RepositoryId id, Digest digest) {
    Instant now = around.clock().instant();
    return id.isLocal()
        ? policy.denial(digest, Set.of()).map(refused -> Ruling.of(refused, now))
        : Optional.of(
                policy.judge(
                    around.source(id, digest), digest, Facts.NONE.containing(Set.of()), now))
            .map(decision -> Ruling.of(decision, now))
            .filter(Ruling::isDenied);
  }

  /**
   * Rules about a manifest of a repository.
   *
   * @param described what upstream says of it where it is not here, or null
   */
  Future<Ruling> ruling(RepositoryId id, Digest digest, @Nullable Descriptor described) {
    return ruling(id, digest, described, 0);
  }

  private Future<Ruling> ruling(
      RepositoryId id, Digest digest, @Nullable Descriptor described, int depth) {
    Ruling known = known(id, digest);
    if (known != null) {
      return Future.succeededFuture(known);
    }
    ContentKey key = new ContentKey(id, digest);
    return flights.run(
        key,
        () -> Optional.ofNullable(known(id, digest)),
        () ->
            judge(id, digest, described, depth, true)
                .map(
                    ruling -> {
                      rulings.put(key, ruling);
                      return ruling;
                    }));
  }

  /**
   * Rules about a manifest of which only the head is asked for and that is not here: it is not
   * fetched from an upstream that counts that.
   */
  Future<Ruling> rulingOfHead(RepositoryId id, Descriptor described) {
    return around.contents().isCounted(id) && !policy.denied().isEmpty()
        ? judge(id, described.digest(), described, 0, false)
        : ruling(id, described.digest(), described);
  }

  private Future<Ruling> judge(
      RepositoryId id, Digest digest, @Nullable Descriptor described, int depth, boolean fetching) {
    Optional<Ruling> denial = denial(id, digest);
    if (denial.isPresent()) {
      return Future.succeededFuture(denial.get());
    }
    boolean asks = !id.isLocal() && policy.asks(around.source(id, digest));
    if (policy.denied().isEmpty() && !asks) {
      return Future.succeededFuture(Ruling.ADMITTED);
    }
    return around
        .pull()
        .repositories()
        .load(id)
        .compose(
            repository ->
                byLists(repository, digest, depth)
                    .compose(
                        list ->
                            list.isPresent() && list.get().isDenied()
                                ? Future.succeededFuture(list.get())
                                : own(repository, digest, described, asks, list, fetching)))
        .recover(this::unreadable);
  }

  private Future<Ruling> unreadable(Throwable cause) {
    return cause instanceof RegistryException || cause instanceof MalformedException
        ? Future.succeededFuture(
            Ruling.of(
                new Decision.Unjudged(
                    "what it consists of could not be read: " + cause.getMessage(),
                    "ask again when its registry answers"),
                around.clock().instant()))
        : Future.failedFuture(cause);
  }

  // ---------------------------------------------------------------- by the lists that hold it

  /** What the lists here that hold a manifest say of it; empty where they say nothing. */
  private Future<Optional<Ruling>> byLists(StoredRepository repository, Digest digest, int depth) {
    if (depth == MAX_DEPTH || !repository.knows(digest)) {
      return Future.succeededFuture(Optional.empty());
    }
    return around
        .workers()
        .run(
            () ->
                repository.holders(digest).stream()
                    .filter(holder -> holder.mediaType().isIndex())
                    .limit(MOST_PARENTS)
                    .map(StoredManifest::digest)
                    .toList())
        .compose(lists -> firstOf(repository.id(), lists, depth, Optional.empty(), true));
  }

  private Future<Optional<Ruling>> firstOf(
      RepositoryId id, List<Digest> lists, int depth, Optional<Ruling> last, boolean allDenied) {
    if (lists.isEmpty()) {
      return Future.succeededFuture(last.filter(ruling -> allDenied));
    }
    return ruling(id, lists.getFirst(), null, depth + 1)
        .compose(
            ruling ->
                ruling.isAdmitted() && ruling.vouches()
                    ? Future.succeededFuture(Optional.of(ruling))
                    : firstOf(
                        id,
                        lists.subList(1, lists.size()),
                        depth,
                        Optional.of(ruling),
                        allDenied && ruling.isDenied()));
  }

  // ---------------------------------------------------------------- by itself

  private Future<Ruling> own(
      StoredRepository repository,
      Digest digest,
      @Nullable Descriptor described,
      boolean asks,
      Optional<Ruling> list,
      boolean fetching) {
    RepositoryId id = repository.id();
    Instant now = around.clock().instant();
    if (list.isPresent() || !asks) {
      Ruling ruling = list.orElse(Ruling.ADMITTED);
      return contents(id, digest, fetching).map(inside -> withContents(digest, inside, ruling));
    }
    return around
        .workers()
        .run(() -> isEvidence(repository, digest))
        .compose(
            evidence -> {
              if (evidence) {
                return contents(id, digest, fetching)
                    .map(
                        inside ->
                            withContents(digest, inside, Ruling.ADMITTED).vouchingForNothing());
              }
              return sight(repository, digest)
                  .compose(
                      seen -> {
                        Repository source = around.source(id, digest);
                        Instant until = seen.plus(policy.minAge(source));
                        boolean waits = now.isBefore(until) && !policy.admits(digest, now);
                        return waits
                            ? Future.succeededFuture(Ruling.of(new Decision.Waiting(until), now))
                            : aged(repository, digest, described, seen, fetching);
                      });
            });
  }

  private Future<Ruling> aged(
      StoredRepository repository,
      Digest digest,
      @Nullable Descriptor described,
      Instant seen,
      boolean fetching) {
    RepositoryId id = repository.id();
    Repository source = around.source(id, digest);
    return contents(id, digest, fetching)
        .compose(
            inside ->
                verdict(repository, source, digest, described)
                    .map(
                        verdict -> {
                          Instant now = around.clock().instant();
                          Facts facts = Facts.NONE.seen(seen).containing(inside.digests());
                          Ruling ruling =
                              Ruling.of(
                                  policy.judge(
                                      source,
                                      digest,
                                      verdict.isPresent() ? facts.signed(verdict.get()) : facts,
                                      now),
                                  now);
                          return inside.whole() && !policy.admits(digest, now)
                              ? ruling
                              : ruling.forAMoment(now);
                        }));
  }

  private Future<Contents> contents(RepositoryId id, Digest digest, boolean fetching) {
    if (policy.denied().isEmpty()) {
      return Future.succeededFuture(new Contents(Set.of(), true));
    }
    return fetching || around.pull().manifests().held(id, digest) != null
        ? around.contents().of(id, digest)
        : Future.succeededFuture(Contents.UNKNOWN);
  }

  private Ruling withContents(Digest digest, Contents inside, Ruling otherwise) {
    Instant now = around.clock().instant();
    return policy
        .denial(digest, inside.digests())
        .map(refused -> Ruling.of(refused, now))
        .orElseGet(() -> inside.whole() ? otherwise : otherwise.forAMoment(now));
  }

  private boolean isEvidence(StoredRepository repository, Digest digest) {
    Optional<StoredManifest> manifest = repository.manifest(digest);
    if (manifest.isEmpty() || manifest.get().mediaType().isIndex()) {
      return false;
    }
    return around
        .store()
        .contents()
        .readAll(digest, RawManifest.MAX_BYTES)
        .map(bytes -> RawManifest.of(manifest.get().mediaType(), bytes, digest.algorithm()))
        .filter(raw -> EvidenceType.isEvidence(around.pull().parsing().parse(raw)))
        .isPresent();
  }

  private Future<Instant> sight(StoredRepository repository, Digest digest) {
    Repository source = around.source(repository.id(), digest);
    if (policy.minAge(source).isZero()) {
      return Future.succeededFuture(Instant.EPOCH);
    }
    return around
        .workers()
        .run(
            () ->
                around
                    .ledger()
                    .seen(
                        source,
                        digest,
                        around.copies().firstSeen(source, digest),
                        () -> repository.keptSince(digest),
                        around.clock().instant()));
  }

  /** What the signatures come to, where the policy asks for them. */
  private Future<Optional<Verdict>> verdict(
      StoredRepository repository,
      Repository source,
      Digest digest,
      @Nullable Descriptor described) {
    Optional<SignaturePolicy> wanted = policy.signatures(source);
    if (wanted.isEmpty() || policy.admits(digest, around.clock().instant())) {
      return Future.succeededFuture(Optional.empty());
    }
    RepositoryId id = repository.id();
    ContentKey key = new ContentKey(id, digest);
    return verifications
        .run(
            key,
            () -> Optional.ofNullable(verified.getIfPresent(key)),
            () ->
                descriptor(repository, digest, described)
                    .compose(image -> around.workers().run(() -> verdict(id, image, wanted.get()))))
        .map(
            verdict -> {
              if (verdict instanceof Verdict.Verified) {
                verified.put(key, verdict);
              }
              return Optional.of(verdict);
            });
  }

  private Future<Descriptor> descriptor(
      StoredRepository repository, Digest digest, @Nullable Descriptor described) {
    Optional<StoredManifest> held = repository.manifest(digest);
    if (held.isEmpty() && described != null) {
      return Future.succeededFuture(described);
    }
    return held.isPresent()
        ? Future.succeededFuture(descriptor(held.get()))
        : around
            .pull()
            .manifests()
            .manifest(repository.id(), digest)
            .map(
                found ->
                    descriptor(
                        found
                            .orElseThrow(() -> new MalformedException("there is no such manifest"))
                            .manifest()));
  }

  /** Asks the registry, unless a former run of this server has; blocks. */
  private Verdict verdict(RepositoryId id, Descriptor image, SignaturePolicy wanted) {
    Repository repository = Surroundings.upstream(id);
    Digest demand = wanted.fingerprint();
    if (around.verdicts().holds(demand, repository, image.digest())) {
      return new Verdict.Verified(List.of());
    }
    Verdict verdict =
        new SignatureVerifier(around.client(), around.clock()).judge(repository, image, wanted);
    around.verdicts().add(demand, repository, image.digest(), verdict);
    return verdict;
  }

  private static Descriptor descriptor(StoredManifest manifest) {
    return Descriptor.of(manifest.mediaType(), manifest.digest(), manifest.size());
  }
}
