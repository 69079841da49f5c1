package io.entrepot.mirror;

import io.entrepot.oci.RegistryName;
import io.entrepot.registry.RateLimit;
import io.entrepot.registry.RegistryClient;
import java.util.Collection;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Counts the manifests that are read from each registry, and hands out the pulls of those which
 * count too.
 *
 * <p>A registry counts when its answers to HEAD carry a rate limit; Docker Hub counts GETs of
 * manifests and nothing else. What may be spent is fixed when planning ends: what remained then,
 * less what is to be left to others.
 */
final class PullBudget {

  private final RegistryClient client;
  private final ConcurrentMap<RegistryName, Account> accounts = new ConcurrentHashMap<>();

  PullBudget(RegistryClient client) {
    this.client = client;
  }

  private static final class Account {
    private final AtomicInteger spent = new AtomicInteger();
    private @Nullable RateLimit before;
    private int reserved;
    private boolean exhausted;
  }

  /** Notes what the registry says before anything is fetched from it. */
  void look(RegistryName registry) {
    Optional<RateLimit> limit = client.rateLimit(registry);
    Account account = account(registry);
    synchronized (account) {
      if (account.before == null && limit.isPresent()) {
        account.before = limit.get();
      }
    }
  }

  /** Whether the registry counts pulls. */
  boolean counts(RegistryName registry) {
    look(registry);
    Account account = account(registry);
    synchronized (account) {
      return account.before != null;
    }
  }

  /** Sets pulls aside; false where not so many are left. A registry that counts none gives any. */
  boolean reserve(RegistryName registry, int pulls) {
    Account account = account(registry);
    synchronized (account) {
      if (account.exhausted) {
        return false;
      }
      RateLimit limit = account.before;
      if (limit != null && pulls > left(registry, limit, account)) {
        return false;
      }
      account.reserved += pulls;
      return true;
    }
  }

  /** Gives back what was set aside and not needed. */
  void release(RegistryName registry, int pulls) {
    Account account = account(registry);
    synchronized (account) {
      account.reserved -= pulls;
    }
  }

  /** The registry has refused a pull: there is nothing to give any more. */
  void exhausted(RegistryName registry) {
    Account account = account(registry);
    synchronized (account) {
      account.exhausted = true;
    }
  }

  boolean isExhausted(RegistryName registry) {
    Account account = account(registry);
    synchronized (account) {
      return account.exhausted;
    }
  }

  /** A manifest is about to be read. */
  void spend(RegistryName registry) {
    account(registry).spent.incrementAndGet();
  }

  /** Why {@code pulls} cannot be had. */
  String shortage(RegistryName registry, int pulls) {
    Account account = account(registry);
    synchronized (account) {
      RateLimit limit = account.before;
      if (account.exhausted || limit == null) {
        return "the pulls of %s are used up".formatted(registry);
      }
      return "needs %d pulls of %s; %d remain, of which %d are kept and %d already planned"
          .formatted(
              pulls, registry, limit.remaining(), client.keepPulls(registry), account.reserved);
    }
  }

  SortedMap<RegistryName, MirrorPlan.Quota> quotas() {
    SortedMap<RegistryName, MirrorPlan.Quota> quotas = new TreeMap<>();
    accounts.forEach(
        (registry, account) -> {
          synchronized (account) {
            if (account.before != null) {
              quotas.put(
                  registry,
                  new MirrorPlan.Quota(
                      account.before.remaining(), client.keepPulls(registry), account.reserved));
            }
          }
        });
    return quotas;
  }

  SortedMap<RegistryName, MirrorReport.Pulls> report(Collection<RegistryName> sources) {
    SortedMap<RegistryName, MirrorReport.Pulls> pulls = new TreeMap<>();
    for (RegistryName registry : sources) {
      Account account = account(registry);
      synchronized (account) {
        Integer before = account.before == null ? null : account.before.remaining();
        Integer after =
            client
                .rateLimit(registry)
                .map(limit -> after(before, account.spent.get(), limit.remaining()))
                .orElse(null);
        pulls.put(registry, new MirrorReport.Pulls(account.spent.get(), before, after));
      }
    }
    return pulls;
  }

  /** Answers overtake each other, so the last word heard may be an earlier and higher one. */
  private static int after(@Nullable Integer before, int spent, int heard) {
    return before == null || heard > before ? heard : Math.min(heard, Math.max(0, before - spent));
  }

  private int left(RegistryName registry, RateLimit limit, Account account) {
    return limit.remaining() - client.keepPulls(registry) - account.reserved;
  }

  private Account account(RegistryName registry) {
    return accounts.computeIfAbsent(registry, name -> new Account());
  }
}
