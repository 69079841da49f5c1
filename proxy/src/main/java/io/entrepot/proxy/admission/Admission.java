package io.entrepot.proxy.admission;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.lock.LockedCopies;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Tag;
import io.entrepot.policy.Decision;
import io.entrepot.policy.Policy;
import io.entrepot.proxy.admission.PolicySettings.Mode;
import io.entrepot.proxy.metrics.ProxyMetrics;
import io.entrepot.proxy.pull.PullThrough;
import io.entrepot.proxy.pull.PulledManifest;
import io.entrepot.proxy.pull.Workers;
import io.entrepot.registry.RegistryClient;
import io.entrepot.store.RepositoryId;
import io.entrepot.store.Store;
import io.entrepot.store.StoredRepository;
import io.vertx.core.Future;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The one question that every way to content asks: may it be given? Without a policy everything
 * may. Safe on every event loop; what was ruled before is answered from memory.
 */
public final class Admission {

  private static final Logger LOG = System.getLogger(Admission.class.getName());

  /** A policy in force. */
  private record InForce(Judging manifests, BlobJudging blobs, Mode mode) {
    boolean isObserving() {
      return mode == Mode.OBSERVE;
    }
  }

  private final Surroundings around;
  private final ProxyMetrics metrics;
  private volatile @Nullable InForce inForce;

  /** What was told lately: a client that asks again and again is counted, not told each time. */
  private final Cache<String, Boolean> told =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(Duration.ofMinutes(1)).build();

  private final Refusals refusals;

  private Admission(Surroundings around, ProxyMetrics metrics) {
    this.around = around;
    this.metrics = metrics;
    this.refusals = new Refusals(around);
  }

  /** Admission to a store; everything is admitted until a policy is set. */
  public static Admission to(
      Store store,
      PullThrough pull,
      RegistryClient client,
      Workers workers,
      LockedCopies copies,
      Clock clock,
      ProxyMetrics metrics) {
    return new Admission(
        new Surroundings(
            store,
            pull,
            client,
            workers,
            new ManifestContents(pull, client),
            new SightLedger(store.root().resolve("policy").resolve("sights")),
            new VerdictLedger(store.root().resolve("policy").resolve("verdicts")),
            copies,
            clock),
        metrics);
  }

  /** From now on this policy counts. Blocks: looks for what it denies in the store. */
  public void obey(Policy policy, Mode mode) {
    Judging judging = new Judging(policy, around);
    refusals.clear();
    inForce = new InForce(judging, new BlobJudging(judging, around), mode);
    around.pull().tags().choosing(this::choose);
  }

  /** Lets go of files. */
  public void close() {
    around.ledger().close();
  }

  // ---------------------------------------------------------------- manifests

  /** Whether a manifest may be given at once; where not, one of the other methods says more. */
  public boolean admits(RepositoryId id, Digest digest) {
    InForce now = inForce;
    if (now == null) {
      return true;
    }
    Ruling known = now.manifests().known(id, digest);
    if (known != null && known.isAdmitted()) {
      return true;
    }
    if (now.isObserving()) {
      now.manifests()
          .ruling(id, digest, null)
          .onSuccess(ruling -> observe(now, id, digest, ruling));
      return true;
    }
    return false;
  }

  /**
   * Fails where a digest is refused whatever it is, before anybody is asked for it.
   *
   * @throws RefusedException where it is
   */
  public void requireNotDenied(RepositoryId id, Digest digest) {
    InForce now = inForce;
    if (now != null) {
      Optional<Ruling> denial = now.manifests().denial(id, digest);
      if (denial.isPresent()) {
        require(now, id, digest, denial.get());
      }
    }
  }

  /** Fails with {@link RefusedException} where a manifest that is here is refused. */
  public Future<Void> manifest(RepositoryId id, Digest digest) {
    InForce now = inForce;
    return now == null || admits(id, digest)
        ? Future.succeededFuture()
        : now.manifests()
            .ruling(id, digest, null)
            .map(
                ruling -> {
                  require(now, id, digest, ruling);
                  return null;
                });
  }

  /** Whether the head of a manifest that is not here may be given. */
  public Future<Boolean> head(RepositoryId id, Tag tag, Descriptor described) {
    InForce now = inForce;
    if (now == null || admits(id, described.digest())) {
      return Future.succeededFuture(true);
    }
    // What a tag of statements means is only known from the manifest.
    return EvidenceType.isTagOfStatements(tag)
        ? Future.succeededFuture(false)
        : now.manifests().rulingOfHead(id, described).map(Ruling::isAdmitted);
  }

  /**
   * What a tag is answered with: the manifest that was found, or the newest one that the tag had
   * and that is admitted. Fails with {@link RefusedException} where there is none.
   */
  public Future<PulledManifest> tagged(RepositoryId id, Tag tag, PulledManifest found) {
    InForce now = inForce;
    Digest digest = found.manifest().digest();
    if (now == null || admits(id, digest)) {
      return Future.succeededFuture(found);
    }
    if (id.isLocal()) {
      return manifest(id, digest).map(found);
    }
    if (EvidenceType.isListOfReferrers(tag) && found.manifest().mediaType().isIndex()) {
      requireNotDenied(id, digest);
      return Future.succeededFuture(found);
    }
    Descriptor offered =
        Descriptor.of(found.manifest().mediaType(), digest, found.manifest().size());
    return choose(id, tag, offered, null)
        .compose(
            chosen ->
                chosen.equals(digest)
                    ? Future.succeededFuture(found)
                    : around
                        .pull()
                        .manifests()
                        .manifest(id, chosen)
                        .map(
                            older ->
                                older.orElseThrow(
                                    () ->
                                        new RefusedException(
                                            "%s:%s is refused".formatted(id, tag)))));
  }

  /** The newest digest of a tag that is admitted. */
  private Future<Digest> choose(
      RepositoryId id, Tag tag, Descriptor offered, @Nullable Digest held) {
    InForce now = inForce;
    if (now == null || EvidenceType.isTagOfStatements(tag)) {
      return Future.succeededFuture(offered.digest());
    }
    ImageReference name = around.source(id, offered.digest()).tagged(tag);
    Duration minAge = now.manifests().policy().minAge(name.repository());
    return around
        .workers()
        .run(
            () ->
                around
                    .ledger()
                    .meant(name, held, offered.digest(), minAge, around.clock().instant()))
        .compose(
            candidates ->
                now.isObserving()
                    ? now.manifests()
                        .ruling(id, offered.digest(), offered)
                        .transform(judged -> Future.succeededFuture(offered.digest()))
                    : newest(now, id, candidates, offered, null));
  }

  private Future<Digest> newest(
      InForce now,
      RepositoryId id,
      List<Digest> candidates,
      Descriptor offered,
      @Nullable Ruling refusal) {
    if (candidates.isEmpty()) {
      String name = id + "@" + offered.digest();
      return Future.failedFuture(
          refusal == null
              ? new RefusedException(name + " is refused")
              : new RefusedException(message(name, refusal)));
    }
    Digest candidate = candidates.getFirst();
    boolean current = candidate.equals(offered.digest());
    return now.manifests()
        .ruling(id, candidate, current ? offered : null)
        .compose(
            ruling -> {
              if (!ruling.isAdmitted()) {
                if (current) {
                  tell(now, id, candidate, ruling);
                }
                return newest(
                    now,
                    id,
                    candidates.subList(1, candidates.size()),
                    offered,
                    refusal == null ? ruling : refusal);
              }
              return current
                  ? Future.succeededFuture(candidate)
                  : around
                      .pull()
                      .manifests()
                      .manifest(id, candidate)
                      .compose(
                          there ->
                              there.isPresent()
                                  ? Future.succeededFuture(candidate)
                                  : newest(
                                      now,
                                      id,
                                      candidates.subList(1, candidates.size()),
                                      offered,
                                      refusal));
            });
  }

  // ---------------------------------------------------------------- blobs and lists

  /** Whether there is a policy that refuses content, not one that only observes. */
  public boolean isEnforcing() {
    InForce now = inForce;
    return now != null && !now.isObserving();
  }

  /** Whether a blob may be given at once; where not, {@link #blob} says more. */
  public boolean admitsBlob(RepositoryId id, Digest digest) {
    InForce now = inForce;
    if (now == null) {
      return true;
    }
    Ruling known = now.blobs().known(id, digest);
    return known != null && known.isAdmitted();
  }

  /** Fails with {@link RefusedException} where a blob of a repository is refused. */
  public Future<Void> blob(RepositoryId id, Digest digest) {
    InForce now = inForce;
    if (now == null) {
      return Future.succeededFuture();
    }
    Future<Ruling> ruling = now.blobs().ruling(id, digest);
    if (now.isObserving()) {
      ruling.onSuccess(judged -> observe(now, id, digest, judged));
      return Future.succeededFuture();
    }
    return ruling.map(
        judged -> {
          require(now, id, digest, judged);
          return null;
        });
  }

  /** Fails with {@link RefusedException} where what refers to a digest is not listed. */
  public Future<Void> referrers(RepositoryId id, Digest subject) {
    InForce now = inForce;
    if (now == null) {
      return Future.succeededFuture();
    }
    requireNotDenied(id, subject);
    return around
        .pull()
        .repositories()
        .load(id)
        .compose(
            repository ->
                repository.manifest(subject).isEmpty()
                    ? Future.succeededFuture()
                    : now.manifests()
                        .ruling(id, subject, null)
                        .map(
                            ruling -> {
                              if (ruling.isDenied()) {
                                require(now, id, subject, ruling);
                              }
                              return null;
                            }));
  }

  // ---------------------------------------------------------------- pushes

  /**
   * Refuses what is pushed under a denied digest.
   *
   * @param digest as the request has it, or null
   */
  public void requirePushable(RepositoryId id, @Nullable String digest) {
    if (inForce == null || digest == null) {
      return;
    }
    Digest parsed;
    try {
      parsed = Digest.parse(digest);
    } catch (MalformedException e) {
      // Whoever takes the push says what is wrong with it.
      return;
    }
    requireNotDenied(id, parsed);
  }

  /**
   * Refuses a manifest that is pushed and is denied, or holds what is denied.
   *
   * @param repository where it is pushed to; what it holds there is looked through
   * @param digests under which its bytes could be denied
   */
  public void requirePushable(
      StoredRepository repository, Set<Digest> digests, List<Descriptor> children) {
    InForce now = inForce;
    if (now == null) {
      return;
    }
    digests.forEach(digest -> requireNotDenied(repository.id(), digest));
    for (Descriptor child : children) {
      requireNotDenied(repository.id(), child.digest());
      for (Digest inside : repository.children(child.digest()).orElse(List.of())) {
        requireNotDenied(repository.id(), inside);
      }
    }
  }

  // ---------------------------------------------------------------- refusing

  /** What clients asked for within a day and did not get, in no order. */
  public List<Withheld> withheld() {
    InForce now = inForce;
    return now == null ? List.of() : refusals.all(now.manifests());
  }

  /** The same, as far as clients really do not get it: nothing while a policy only observes. */
  public List<Withheld> refused() {
    InForce now = inForce;
    return now == null || now.isObserving() ? List.of() : refusals.all(now.manifests());
  }

  private void require(InForce now, RepositoryId id, Digest digest, Ruling ruling) {
    if (ruling.isAdmitted()) {
      return;
    }
    tell(now, id, digest, ruling);
    if (!now.isObserving()) {
      throw new RefusedException(message(id + "@" + digest, ruling));
    }
  }

  private void observe(InForce now, RepositoryId id, Digest digest, Ruling ruling) {
    if (!ruling.isAdmitted()) {
      tell(now, id, digest, ruling);
    }
  }

  private void tell(InForce now, RepositoryId id, Digest digest, Ruling ruling) {
    String name = id + "@" + digest;
    String reason = reason(ruling.decision());
    refusals.note(id, digest, ruling.decision());
    metrics.refused(now.mode().word(), reason);
    if (told.asMap().putIfAbsent(name + ' ' + reason, true) == null) {
      LOG.log(
          Level.WARNING,
          now.isObserving() ? "{0} (observed, and given): {1}" : "{0}: {1}",
          reason,
          message(name, ruling));
    }
  }

  /** As metrics name it. */
  private static String reason(Decision decision) {
    return switch (decision) {
      case Decision.Admitted _ -> "admitted";
      case Decision.Waiting _ -> "too-young";
      case Decision.Refused(var cause, _, _) -> cause.word();
      case Decision.Unjudged _ -> "unjudged";
    };
  }

  private static String message(String name, Ruling ruling) {
    return switch (ruling.decision()) {
      case Decision.Admitted _ -> name + " is admitted";
      case Decision.Waiting(var until) ->
          "%s is refused by the policy: it is too young, and is admitted from %s on; wait, or name it under `admit:`"
              .formatted(name, until.truncatedTo(ChronoUnit.SECONDS));
      case Decision.Refused(_, var reason, var remedy) ->
          "%s is refused by the policy: %s; %s".formatted(name, reason, remedy);
      case Decision.Unjudged(var reason, var remedy) ->
          "%s is refused because it could not be judged: %s; %s".formatted(name, reason, remedy);
    };
  }
}
