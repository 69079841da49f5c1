package io.entrepot.proxy.admission;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.oci.Digest;
import io.entrepot.policy.Decision;
import io.entrepot.proxy.pull.ContentKey;
import io.entrepot.store.RepositoryId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** What clients asked for within a day and did not get, so that people can look at it. */
final class Refusals {

  private static final int MOST = 1_000;

  private final Surroundings around;
  private final Cache<ContentKey, Decision> refused =
      Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(Duration.ofDays(1)).build();

  Refusals(Surroundings around) {
    this.around = around;
  }

  void note(RepositoryId id, Digest digest, Decision decision) {
    refused.put(new ContentKey(id, digest), decision);
  }

  /** Another policy counts. */
  void clear() {
    refused.invalidateAll();
  }

  /** Those that would be refused again, as far as that is known. */
  List<Withheld> all(Judging judging) {
    Instant now = around.clock().instant();
    return refused.asMap().entrySet().stream()
        .filter(each -> holds(judging, each.getKey(), each.getValue(), now))
        .map(each -> withheld(judging, each.getKey(), each.getValue()))
        .toList();
  }

  private static boolean holds(Judging judging, ContentKey key, Decision decision, Instant now) {
    Ruling known = judging.known(key.repository(), key.digest());
    boolean over = decision instanceof Decision.Waiting(var until) && !now.isBefore(until);
    return !over && (known == null || !known.isAdmitted());
  }

  private Withheld withheld(Judging judging, ContentKey key, Decision decision) {
    RepositoryId id = key.repository();
    return switch (decision) {
      case Decision.Waiting(var until) ->
          Withheld.waiting(
              id,
              key.digest(),
              until.minus(judging.policy().minAge(around.source(id, key.digest()))),
              until);
      case Decision.Refused(var cause, var reason, _) ->
          Withheld.refused(id, key.digest(), reason, cause == Decision.Cause.DENIED);
      case Decision.Unjudged(var reason, _) ->
          Withheld.refused(id, key.digest(), "it could not be judged: " + reason, false);
      case Decision.Admitted _ ->
          Withheld.refused(id, key.digest(), "it was refused before", false);
    };
  }
}
