package io.entrepot.proxy;

import io.entrepot.config.ByteSize;
import io.entrepot.notify.Sink;
import io.entrepot.oci.RegistryName;
import io.entrepot.proxy.admission.PolicySettings;
import io.entrepot.proxy.hook.HookSecrets;
import io.entrepot.proxy.login.OidcIssuer;
import io.entrepot.proxy.login.PullRate;
import io.entrepot.proxy.schedule.MirrorJob;
import io.entrepot.registry.Upstream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a {@code proxy.yaml} says.
 *
 * @param listen {@code host:port}
 * @param cacheDirectory null where not said
 * @param certificate PEM file, or null for plain HTTP
 * @param key PEM file, there exactly where the certificate is
 * @param automaticTls whether the local authority gives both
 * @param tagFreshness how long a tag is believed
 * @param local whether pushes are taken
 * @param defaultUpstream where names without a registry come from, or null
 * @param names further names of this registry
 * @param registries the upstreams, these and no others; null where not said
 * @param locks lock files whose copies are asked before a registry's endpoints
 * @param htpasswd users, or null
 * @param access who may do what in which repositories; the first rule that fits counts
 * @param issuers whose tokens are logins
 * @param anonymous whether everybody may read, and may reach it beyond loopback
 * @param anonymousPulls how often an address may pull without a login, or null
 * @param policy what is obeyed, where that is said
 * @param accessLog {@code none}, {@code common} or {@code json}
 * @param page whether there is a page with its API; null where not said
 * @param hooks by what upstreams prove who they are, where they may call
 * @param mirrors what is mirrored by itself
 * @param sinks who is told of what happens
 * @param publicUrl how people reach the page, or null
 */
public record ProxySpec(
    String listen,
    @Nullable Path cacheDirectory,
    ByteSize maxSize,
    @Nullable Path certificate,
    @Nullable Path key,
    boolean automaticTls,
    Duration tagFreshness,
    boolean local,
    @Nullable RegistryName defaultUpstream,
    Set<RegistryName> names,
    @Nullable SortedMap<RegistryName, Upstream> registries,
    Map<RegistryName, List<Path>> locks,
    @Nullable Path htpasswd,
    List<AccessRule> access,
    List<OidcIssuer> issuers,
    boolean anonymous,
    @Nullable PullRate anonymousPulls,
    String accessLog,
    @Nullable Boolean page,
    @Nullable URI publicUrl,
    Optional<PolicyChoice> policy,
    List<MirrorJob> mirrors,
    Optional<HookSecrets> hooks,
    List<Sink> sinks) {

  /** Copies the collections. */
  public ProxySpec {
    names = Set.copyOf(names);
    registries =
        registries == null ? null : Collections.unmodifiableSortedMap(new TreeMap<>(registries));
    locks = Map.copyOf(locks);
    access = List.copyOf(access);
    issuers = List.copyOf(issuers);
    mirrors = List.copyOf(mirrors);
    sinks = List.copyOf(sinks);
  }

  /**
   * Which policy is obeyed.
   *
   * @param file null for the one beside this file
   */
  public record PolicyChoice(@Nullable Path file, PolicySettings.Mode mode) {}

  /**
   * Who may do what.
   *
   * @param repositories a pattern with {@code *}
   * @param read users who may pull, {@code *} for everybody
   * @param write users who may push and delete
   */
  public record AccessRule(String repositories, List<String> read, List<String> write) {
    /** Copies the lists. */
    public AccessRule {
      read = List.copyOf(read);
      write = List.copyOf(write);
    }
  }
}
