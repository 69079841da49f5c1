package io.entrepot.registry;

import io.entrepot.oci.RegistryName;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What each registry last said of its quota of pulls. */
final class RateLimits {

  private final Map<RegistryName, RateLimit> last = new ConcurrentHashMap<>();

  void note(RegistryName registry, Answer answer) {
    RateLimit.parse(
            answer.header("ratelimit-limit"),
            answer.header("ratelimit-remaining"),
            answer.header("docker-ratelimit-source"))
        .ifPresent(limit -> last.put(registry, limit));
  }

  Optional<RateLimit> of(RegistryName registry) {
    return Optional.ofNullable(last.get(registry));
  }
}
