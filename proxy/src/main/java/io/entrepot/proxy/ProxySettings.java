package io.entrepot.proxy;

import io.entrepot.oci.RegistryName;
import io.entrepot.proxy.handler.Access;
import io.entrepot.proxy.handler.AccessLog;
import io.entrepot.registry.Upstream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How the registry runs.
 *
 * @param host the address to listen on
 * @param port the port, 0 for any free one
 * @param directory the store
 * @param maxSize bytes the store may have
 * @param tls certificate and key, or null for plain HTTP
 * @param tagFreshness how long a tag is believed without asking upstream
 * @param pushes whether local repositories take pushes
 * @param defaultUpstream where names that are not here may come from, or null
 * @param names further names under which clients know this registry
 * @param upstreams these and no others
 * @param users an htpasswd file, or null for no authentication
 * @param rules who may do what
 * @param anonymous whether to listen beyond loopback although nobody is asked for a name
 * @param accessLog the form of its lines
 */
public record ProxySettings(
    String host,
    int port,
    Path directory,
    long maxSize,
    @Nullable Tls tls,
    Duration tagFreshness,
    boolean pushes,
    @Nullable RegistryName defaultUpstream,
    Set<RegistryName> names,
    Map<RegistryName, Upstream> upstreams,
    @Nullable Path users,
    List<Access.Rule> rules,
    boolean anonymous,
    AccessLog.Format accessLog) {

  /** Registries that are known where nothing is configured. */
  public static final List<String> USUAL_UPSTREAMS =
      List.of(
          "docker.io",
          "ghcr.io",
          "quay.io",
          "registry.k8s.io",
          "gcr.io",
          "public.ecr.aws",
          "mcr.microsoft.com");

  /** Copies the collections. */
  public ProxySettings {
    names = Set.copyOf(names);
    upstreams = Map.copyOf(upstreams);
    rules = List.copyOf(rules);
  }

  /**
   * PEM files.
   *
   * @param certificate the chain
   * @param key the private key
   */
  public record Tls(Path certificate, Path key) {}

  /** What a newcomer gets: loopback, the usual registries, pushes. */
  public static ProxySettings defaults(Path directory) {
    SortedMap<RegistryName, Upstream> upstreams = new TreeMap<>();
    for (String name : USUAL_UPSTREAMS) {
      RegistryName registry = new RegistryName(name);
      upstreams.put(registry, Upstream.of(registry));
    }
    return new ProxySettings(
        "127.0.0.1",
        5000,
        directory,
        50L << 30,
        null,
        Duration.ofMinutes(5),
        true,
        null,
        Set.of(),
        upstreams,
        null,
        List.of(),
        false,
        AccessLog.Format.NONE);
  }

  /** The same at another address. */
  public ProxySettings listeningOn(String otherHost, int otherPort) {
    return new ProxySettings(
        otherHost,
        otherPort,
        directory,
        maxSize,
        tls,
        tagFreshness,
        pushes,
        defaultUpstream,
        names,
        upstreams,
        users,
        rules,
        anonymous,
        accessLog);
  }

  /** The same with another store. */
  public ProxySettings storedIn(Path other, long otherMaxSize) {
    return new ProxySettings(
        host,
        port,
        other,
        otherMaxSize,
        tls,
        tagFreshness,
        pushes,
        defaultUpstream,
        names,
        upstreams,
        users,
        rules,
        anonymous,
        accessLog);
  }

  /** The same with other upstreams. */
  public ProxySettings proxying(
      Map<RegistryName, Upstream> other,
      Duration otherFreshness,
      @Nullable RegistryName otherDefault) {
    return new ProxySettings(
        host,
        port,
        directory,
        maxSize,
        tls,
        otherFreshness,
        pushes,
        otherDefault,
        names,
        other,
        users,
        rules,
        anonymous,
        accessLog);
  }

  /** The same with users, rules and TLS. */
  public ProxySettings guarded(
      @Nullable Tls otherTls, @Nullable Path otherUsers, List<Access.Rule> otherRules) {
    return new ProxySettings(
        host,
        port,
        directory,
        maxSize,
        otherTls,
        tagFreshness,
        pushes,
        defaultUpstream,
        names,
        upstreams,
        otherUsers,
        otherRules,
        anonymous,
        accessLog);
  }

  /** The same, open to everybody who reaches it. */
  public ProxySettings openToAll() {
    return new ProxySettings(
        host,
        port,
        directory,
        maxSize,
        tls,
        tagFreshness,
        pushes,
        defaultUpstream,
        names,
        upstreams,
        users,
        rules,
        true,
        accessLog);
  }
}
