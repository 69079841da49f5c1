package io.entrepot.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An OCI registry in this process, on a loopback port: the distribution specification 1.1 over
 * content in memory, a log of every request, switches for what registries do differently, and
 * faults.
 *
 * <p>Switches return the registry, so that they can be written behind {@link #start()}; all of them
 * and the faults may be changed while requests run.
 */
public final class TestRegistry implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Distribution.Switches switches = new Distribution.Switches();
  private final PullLimit pullLimit = new PullLimit();
  private final TokenService tokens;
  private final Distribution distribution;
  private final HttpListener listener;
  private final HttpListener cdn;
  private final List<RecordedRequest> log = new ArrayList<>();
  private final List<FaultRule> rules = new CopyOnWriteArrayList<>();
  private final Queue<RuntimeException> failures = new ConcurrentLinkedQueue<>();

  private TestRegistry(Clock clock) {
    tokens = new TokenService(clock);
    distribution = new Distribution(switches, tokens, pullLimit);
    listener = new HttpListener(this::answer);
    cdn = new HttpListener(this::answer);
  }

  /** A registry that is empty, open to everybody and without fault. */
  public static TestRegistry start() {
    return start(Clock.systemUTC());
  }

  /** As {@link #start()}, with the clock by which tokens expire. */
  public static TestRegistry start(Clock clock) {
    TestRegistry registry = new TestRegistry(clock);
    registry.listener.start();
    registry.cdn.start();
    return registry;
  }

  // Where it is

  /** {@code 127.0.0.1:port}. */
  public RegistryName name() {
    return new RegistryName("127.0.0.1:" + port());
  }

  /** {@code http://127.0.0.1:port}. */
  public String origin() {
    return "http://127.0.0.1:" + port();
  }

  /** The origin of the second port, from which blobs come with {@link #blobsFromCdn}. */
  public String cdnOrigin() {
    return "http://127.0.0.1:" + cdn.port();
  }

  int cdnPort() {
    return cdn.port();
  }

  /** The port. */
  public int port() {
    return listener.port();
  }

  /** A repository here. */
  public Repository repository(String path) {
    return new Repository(name(), path);
  }

  /** An image here: {@code repository} with a tag or a digest. */
  public ImageReference reference(String repository, String tagOrDigest) {
    return tagOrDigest.contains(":")
        ? repository(repository).at(Digest.parse(tagOrDigest))
        : repository(repository).tagged(new Tag(tagOrDigest));
  }

  // Content

  /** Puts a blob there. */
  public Digest addBlob(String repository, byte[] bytes) {
    Digest digest = Digest.of(bytes);
    distribution.put(repository, digest, new Content.Held(bytes.clone()));
    return digest;
  }

  /** Puts a blob there under a digest that need not be its own. */
  public void addBlobAs(String repository, Digest digest, byte[] bytes) {
    distribution.put(repository, digest, new Content.Held(bytes.clone()));
  }

  /** Puts a blob of pseudo-random bytes there that takes no memory; equal sizes, equal bytes. */
  public Digest addHugeBlob(String repository, long size) {
    Content.Generated content = new Content.Generated(size);
    try {
      Digest digest = content.digest();
      distribution.put(repository, digest, content);
      return digest;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Puts a manifest there, whatever its bytes are and whether or not its children are there.
   *
   * @param tag null for none
   */
  public Digest addManifest(
      String repository, @Nullable String tag, MediaType mediaType, byte[] bytes) {
    RawManifest manifest = RawManifest.of(mediaType, bytes);
    distribution.put(repository, tag, manifest);
    return manifest.digest();
  }

  /** Takes a blob away. */
  public void removeBlob(String repository, Digest digest) {
    distribution.removeBlob(repository, digest);
  }

  /** Takes a manifest and its tags away. */
  public void removeManifest(String repository, Digest digest) {
    distribution.removeManifest(repository, digest);
  }

  /** Takes a tag away. */
  public void removeTag(String repository, String tag) {
    distribution.untag(repository, tag);
  }

  /**
   * The digest of what a tag names.
   *
   * @throws AssertionError if it is not there
   */
  public Digest digestOf(String repository, String tag) {
    return manifest(repository, tag).digest();
  }

  /**
   * A manifest by tag or digest.
   *
   * @throws AssertionError if it is not there
   */
  public RawManifest manifest(String repository, String reference) {
    RawManifest manifest = distribution.find(repository, reference);
    if (manifest == null) {
      throw new AssertionError("the test registry has no " + repository + " " + reference);
    }
    return manifest;
  }

  /** Whether a manifest is there, by tag or digest. */
  public boolean hasManifest(String repository, String reference) {
    return distribution.find(repository, reference) != null;
  }

  /** Whether a blob is there. */
  public boolean hasBlob(String repository, Digest digest) {
    return distribution.find(repository, digest) != null;
  }

  /**
   * The bytes of a blob.
   *
   * @throws AssertionError if it is not there
   */
  public byte[] blob(String repository, Digest digest) {
    Content content = distribution.find(repository, digest);
    if (content == null) {
      throw new AssertionError("the test registry has no " + repository + " " + digest);
    }
    try (InputStream in = content.open(0)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The tags of a repository, sorted; none where there is no such repository. */
  public List<String> tags(String repository) {
    return distribution.tags(repository);
  }

  /** The repositories, sorted. */
  public List<String> repositories() {
    return distribution.repositories();
  }

  /** Uploads begun and neither finished nor cancelled. */
  public int openUploads() {
    return distribution.openUploads();
  }

  // Requests

  /** Every request so far, in the order in which their headers were read. */
  public List<RecordedRequest> requests() {
    synchronized (log) {
      return List.copyOf(log);
    }
  }

  /** The requests of a kind such as {@code GET manifest}; see {@link RecordedRequest#kind}. */
  public List<RecordedRequest> requests(String kind) {
    return requests().stream().filter(request -> request.kind().equals(kind)).toList();
  }

  /** How many requests of a kind. */
  public int count(String kind) {
    return requests(kind).size();
  }

  /** How many requests of a kind whose path has {@code part} in it. */
  public int count(String kind, String part) {
    return (int) requests(kind).stream().filter(request -> request.path().contains(part)).count();
  }

  /** The number of requests of each kind that came at all. */
  public SortedMap<String, Integer> counts() {
    SortedMap<String, Integer> counts = new TreeMap<>();
    requests().forEach(request -> counts.merge(request.kind(), 1, Integer::sum));
    return counts;
  }

  /** Forgets the requests; content, switches and faults stay. */
  public void clear() {
    synchronized (log) {
      log.clear();
    }
  }

  /**
   * Waits until there were {@code count} requests of a kind.
   *
   * @throws AssertionError if there are fewer after 30 seconds
   */
  public void awaitRequests(String kind, int count) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    synchronized (log) {
      while (log.stream().filter(request -> request.kind().equals(kind)).count() < count) {
        long millis = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
        if (millis <= 0) {
          throw new AssertionError("%d x %s expected, came: %s".formatted(count, kind, log));
        }
        log.wait(millis);
      }
    }
  }

  /** Connections taken so far. */
  public int connections() {
    return listener.accepted();
  }

  // Switches

  /** Whether there is the referrers API (else 404 as from a registry that never heard of it). */
  public TestRegistry referrersApi(boolean on) {
    switches.referrersApi = on;
    return this;
  }

  /** Whether a manifest is refused while its children are missing; GHCR does not look. */
  public TestRegistry checksChildren(boolean on) {
    switches.checksChildren = on;
    return this;
  }

  /** Whether a manifest whose type the request does not accept is 404, as with GHCR. */
  public TestRegistry strictAccept(boolean on) {
    switches.strictAccept = on;
    return this;
  }

  /** Whether {@code Range} is heeded; else the whole comes with 200. */
  public TestRegistry ranges(boolean on) {
    switches.ranges = on;
    return this;
  }

  /** Whether blobs and manifests can be deleted; else 405. */
  public TestRegistry deletes(boolean on) {
    switches.deletes = on;
    return this;
  }

  /** Whether mounts are done; else an upload is begun (202). */
  public TestRegistry mounts(boolean on) {
    switches.mounts = on;
    return this;
  }

  /**
   * Whether GETs of blobs are redirected (307) to another origin, which refuses credentials and
   * wants its signature as it was given.
   */
  public TestRegistry blobsFromCdn(boolean on) {
    switches.blobsFromCdn = on;
    return this;
  }

  /** The longest page of tags or referrers, whatever the request asks for; 1 or more. */
  public TestRegistry pageSize(int most) {
    switches.pageSize = most;
    return this;
  }

  /** Uploads longer than that are hashed and counted but not kept. */
  public TestRegistry sinkAbove(long bytes) {
    switches.sinkAbove = bytes;
    return this;
  }

  /**
   * Docker Hub's pull limit: GETs of manifests count, HEADs do not; 429 when {@code remaining} are
   * used up.
   */
  public TestRegistry rateLimit(int limit, int remaining) {
    pullLimit.set(limit, remaining);
    return this;
  }

  /** No limit, and no headers that tell of one. */
  public TestRegistry noRateLimit() {
    pullLimit.lift();
    return this;
  }

  /** Pulls left. */
  public int remainingPulls() {
    return pullLimit.remaining();
  }

  /**
   * Bearer tokens, from {@code /token} of this registry. Without {@link #account} anybody gets any
   * scope; with it pushing takes the account.
   */
  public TestRegistry bearerAuth() {
    tokens.scheme(TokenService.Scheme.BEARER);
    return this;
  }

  /** Basic authentication; anonymous requests may only pull. */
  public TestRegistry basicAuth(String user, String password) {
    tokens.account(user, password);
    tokens.scheme(TokenService.Scheme.BASIC);
    return this;
  }

  /** The account without which nobody pushes. */
  public TestRegistry account(String user, String password) {
    tokens.account(user, password);
    return this;
  }

  /** Whether pulling is for everybody; else it takes the account too. */
  public TestRegistry anonymousPull(boolean on) {
    tokens.anonymousPull(on);
    return this;
  }

  /** How long tokens given out from now on are good for. */
  public TestRegistry tokenLifetime(Duration lifetime) {
    tokens.lifetime(lifetime);
    return this;
  }

  /** Another address than this registry's own for the challenge to name. */
  public TestRegistry tokenRealm(String address) {
    tokens.realm(address);
    return this;
  }

  /** Makes every token given out so far invalid. */
  public void revokeTokens() {
    tokens.revokeAll();
  }

  // Faults

  /**
   * Begins a fault.
   *
   * @param method a verb, or {@code *} for any
   * @param pathPattern a regular expression found anywhere in the path
   */
  public FaultRule on(String method, String pathPattern) {
    Pattern pattern = Pattern.compile(pathPattern);
    return on(
        request ->
            (method.equals("*") || request.method().equals(method))
                && pattern.matcher(request.path()).find());
  }

  /** Begins a fault for requests of a kind, such as {@code GET blob}. */
  public FaultRule on(String kind) {
    return on(request -> request.kind().equals(kind));
  }

  /** Begins a fault. */
  public FaultRule on(Predicate<RecordedRequest> matcher) {
    return new FaultRule(this, matcher);
  }

  /** Ends all faults; gates that are waited at stay closed. */
  public void clearFaults() {
    rules.clear();
  }

  /** Whether there are none. */
  public boolean isSound() {
    return rules.isEmpty();
  }

  /**
   * Requests that leave no trace: meanwhile there are no faults, and afterwards neither the log nor
   * the pulls left know of them. For one thread at a time.
   */
  public <T> T aside(Supplier<T> work) {
    List<FaultRule> faults = List.copyOf(rules);
    int pulls = pullLimit.remaining();
    List<RecordedRequest> before = requests();
    rules.clear();
    try {
      return work.get();
    } finally {
      rules.addAll(faults);
      pullLimit.refill(pulls);
      synchronized (log) {
        log.clear();
        log.addAll(before);
      }
    }
  }

  void add(FaultRule rule) {
    rules.add(rule);
  }

  /**
   * Stops listening and closes every connection.
   *
   * @throws IllegalStateException if the registry itself failed at a request
   */
  @Override
  public void close() {
    listener.close();
    cdn.close();
    RuntimeException failure = failures.poll();
    if (failure != null) {
      throw new IllegalStateException("the test registry failed", failure);
    }
  }

  private @Nullable Response answer(RecordedRequest request, InputStream body) throws IOException {
    synchronized (log) {
      log.add(request);
      log.notifyAll();
    }
    List<FaultRule> taken = new ArrayList<>();
    FaultRule instead = null;
    for (FaultRule rule : rules) {
      boolean answers = rule.insteadOfRegistry() != null;
      if ((!answers || instead == null) && rule.takes(request)) {
        taken.add(rule);
        instead = answers ? rule : instead;
      }
    }
    InputStream limited = body;
    for (FaultRule rule : taken) {
      Gate gate = rule.gateBefore();
      if (gate != null) {
        gate.pass();
      }
      limited = rule.spoilRequest(limited);
    }
    FaultRule.Instead other = instead == null ? null : instead.insteadOfRegistry();
    Response response = other == null ? handle(request, limited) : other.answer(request, limited);
    for (FaultRule rule : taken) {
      response = rule.spoilAnswer(response);
    }
    return response;
  }

  private Response handle(RecordedRequest request, InputStream body) throws IOException {
    try {
      if (request.path().equals("/token")) {
        return tokens.token(request, body);
      }
      if (request.port() == cdn.port()) {
        return distribution.cdn(request);
      }
      return distribution.handle(request, body, origin(), cdnOrigin());
    } catch (RuntimeException e) {
      failures.add(e);
      return Response.of(500, "text/plain", e.toString().getBytes(UTF_8));
    }
  }
}
