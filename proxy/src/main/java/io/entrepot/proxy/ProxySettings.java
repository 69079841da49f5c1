package io.entrepot.proxy;

import io.entrepot.lock.LockedCopies;
import io.entrepot.notify.Sink;
import io.entrepot.oci.RegistryName;
import io.entrepot.proxy.admission.PolicySettings;
import io.entrepot.proxy.handler.Access;
import io.entrepot.proxy.handler.AccessLog;
import io.entrepot.proxy.hook.HookSecrets;
import io.entrepot.proxy.login.Anonymous;
import io.entrepot.proxy.login.OidcIssuer;
import io.entrepot.proxy.schedule.MirrorJob;
import io.entrepot.registry.MachineTrust;
import io.entrepot.registry.Upstream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How the registry runs.
 *
 * @param pushes whether local repositories take pushes
 * @param accessLog the form of its lines
 * @param hooks by what upstreams prove who they are; empty where nobody may call
 * @param mirrors what is mirrored by itself
 * @param sinks who is told of what happens
 * @param policy what is obeyed; empty where everything may be given
 */
public record ProxySettings(
    Listening listening,
    Storage storage,
    Pulling pulling,
    Guard guard,
    boolean pushes,
    AccessLog.Format accessLog,
    Page page,
    Optional<PolicySettings> policy,
    List<MirrorJob> mirrors,
    Optional<HookSecrets> hooks,
    List<Sink> sinks) {

  /** Copies the list. */
  public ProxySettings {
    mirrors = List.copyOf(mirrors);
    sinks = List.copyOf(sinks);
  }

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

  /**
   * Where clients connect.
   *
   * @param host the address to listen on
   * @param port the port, 0 for any free one
   * @param tls certificate and key, or null for plain HTTP
   * @param names further names under which clients know this registry
   * @param anonymous whether to listen beyond loopback although nobody is asked for a name
   */
  public record Listening(
      String host, int port, @Nullable Tls tls, Set<RegistryName> names, boolean anonymous) {
    /** Copies the names. */
    public Listening {
      names = Set.copyOf(names);
    }
  }

  /**
   * PEM files.
   *
   * @param certificate the chain
   * @param key the private key
   * @param root what clients have to trust
   */
  public record Tls(Path certificate, Path key, Path root) {

    /** A certificate that others issued, or that proves itself. */
    public Tls(Path certificate, Path key) {
      this(certificate, key, certificate);
    }
  }

  /**
   * Where content is kept.
   *
   * @param directory the store
   * @param maxSize bytes it may have
   */
  public record Storage(Path directory, long maxSize) {}

  /**
   * Where content is fetched from.
   *
   * @param upstreams these and no others
   * @param copies asked before a registry itself
   * @param tagFreshness how long a tag is believed without asking upstream
   * @param defaultUpstream where names that are not here may come from, or null
   */
  public record Pulling(
      Map<RegistryName, Upstream> upstreams,
      LockedCopies copies,
      Duration tagFreshness,
      @Nullable RegistryName defaultUpstream) {
    /** Copies the map. */
    public Pulling {
      upstreams = Map.copyOf(upstreams);
    }
  }

  /**
   * Who may do what.
   *
   * @param users an htpasswd file, or null for no authentication
   * @param rules the first that fits counts
   * @param issuers whose tokens are logins
   * @param trust authorities that certify the issuers
   * @param anonymous what those may who show no login
   */
  public record Guard(
      @Nullable Path users,
      List<Access.Rule> rules,
      List<OidcIssuer> issuers,
      MachineTrust trust,
      Anonymous anonymous) {
    /** Copies the lists. */
    public Guard {
      rules = List.copyOf(rules);
      issuers = List.copyOf(issuers);
    }

    /** The same with more or less for those without a login. */
    public Guard with(Anonymous other) {
      return new Guard(users, rules, issuers, trust, other);
    }

    /** Without tokens. */
    public Guard(@Nullable Path users, List<Access.Rule> rules) {
      this(users, rules, List.of(), MachineTrust.JAVA, Anonymous.AS_RULED);
    }
  }

  /**
   * The page and its API.
   *
   * @param wanted whether there is one; null: on loopback, and where nobody is unknown
   * @param publicUrl how people reach it, or null; its path is where a proxy in front puts it
   */
  public record Page(@Nullable Boolean wanted, @Nullable URI publicUrl) {
    /** As nobody says otherwise. */
    public static final Page USUAL = new Page(null, null);
  }

  /** What a newcomer gets: loopback, the usual registries, pushes. */
  public static ProxySettings defaults(Path directory) {
    SortedMap<RegistryName, Upstream> upstreams = new TreeMap<>();
    for (String name : USUAL_UPSTREAMS) {
      RegistryName registry = new RegistryName(name);
      upstreams.put(registry, Upstream.of(registry));
    }
    return new ProxySettings(
        new Listening("127.0.0.1", 5000, null, Set.of(), false),
        new Storage(directory, 50L << 30),
        new Pulling(upstreams, LockedCopies.none(), Duration.ofMinutes(5), null),
        new Guard(null, List.of()),
        true,
        AccessLog.Format.NONE,
        Page.USUAL,
        Optional.empty(),
        List.of(),
        Optional.empty(),
        List.of());
  }

  /** The same at another address. */
  public ProxySettings listeningOn(String host, int port) {
    return with(
        new Listening(host, port, listening.tls(), listening.names(), listening.anonymous()));
  }

  /** The same with another certificate. */
  public ProxySettings with(Tls tls) {
    return with(
        new Listening(
            listening.host(), listening.port(), tls, listening.names(), listening.anonymous()));
  }

  /** The same, open to everybody who reaches it. */
  public ProxySettings openToAll() {
    return with(new Listening(
            listening.host(), listening.port(), listening.tls(), listening.names(), true))
        .with(guard.with(new Anonymous(true, guard.anonymous().pulls())));
  }

  /** The same, reached in another way. */
  public ProxySettings with(Listening other) {
    return new ProxySettings(
        other, storage, pulling, guard, pushes, accessLog, page, policy, mirrors, hooks, sinks);
  }

  /** The same with another store. */
  public ProxySettings with(Storage other) {
    return new ProxySettings(
        listening, other, pulling, guard, pushes, accessLog, page, policy, mirrors, hooks, sinks);
  }

  /** The same with other upstreams. */
  public ProxySettings with(Pulling other) {
    return new ProxySettings(
        listening, storage, other, guard, pushes, accessLog, page, policy, mirrors, hooks, sinks);
  }

  /** The same that obeys a policy. */
  public ProxySettings with(PolicySettings other) {
    return new ProxySettings(
        listening,
        storage,
        pulling,
        guard,
        pushes,
        accessLog,
        page,
        Optional.of(other),
        mirrors,
        hooks,
        sinks);
  }

  /** The same that upstreams may call. */
  public ProxySettings with(HookSecrets other) {
    return new ProxySettings(
        listening,
        storage,
        pulling,
        guard,
        pushes,
        accessLog,
        page,
        policy,
        mirrors,
        Optional.of(other),
        sinks);
  }

  /** The same with users and rules. */
  public ProxySettings with(Guard other) {
    return new ProxySettings(
        listening, storage, pulling, other, pushes, accessLog, page, policy, mirrors, hooks, sinks);
  }

  /** The same with another page. */
  public ProxySettings with(Page other) {
    return new ProxySettings(
        listening, storage, pulling, guard, pushes, accessLog, other, policy, mirrors, hooks,
        sinks);
  }
}
