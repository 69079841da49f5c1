package io.entrepot.registry;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.auth.CredentialSource;
import io.entrepot.registry.auth.Origin;
import io.entrepot.registry.auth.Scope;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Registries over HTTP. Reading goes over a registry's endpoints in order; writing goes to its own
 * endpoint.
 */
final class NetworkRegistry implements Registry {

  private final Transport transport;
  private final Upstreams upstreams;
  private final EndpointChain endpoints;
  private final Calls calls;
  private final Manifests manifests;
  private final Blobs blobs;
  private final TagLists tagLists;
  private final ReferrerLists referrerLists;
  private final RestCalls restCalls;

  NetworkRegistry(
      Vertx vertx,
      ClientSettings settings,
      Network network,
      CredentialSource credentials,
      Upstreams upstreams) {
    this.upstreams = upstreams;
    this.transport =
        new Transport(vertx, settings, network, credentials, upstreams, Clock.systemUTC());
    EndpointHealth health = new EndpointHealth(transport.exchange()::isPaused, System::nanoTime);
    this.endpoints = new EndpointChain(upstreams, health);
    this.calls = new Calls(vertx, transport, upstreams, endpoints);
    this.manifests = new Manifests(calls);
    this.blobs = new Blobs(calls);
    this.tagLists = new TagLists(calls);
    this.referrerLists = new ReferrerLists(calls, manifests);
    this.restCalls = new RestCalls(calls, upstreams);
  }

  @Override
  public void expectPushes(Repository repository) {
    calls.expectPushes(repository);
  }

  @Override
  public Future<Descriptor> resolve(ImageReference reference) {
    return manifests.resolve(reference);
  }

  @Override
  public Future<Optional<Descriptor>> find(ImageReference reference) {
    return calls.orEmpty(reference.repository(), manifests.resolve(reference));
  }

  @Override
  public Future<RawManifest> fetchManifest(ImageReference reference) {
    return manifests.fetch(reference);
  }

  @Override
  public Future<Optional<RawManifest>> findManifest(ImageReference reference) {
    return calls.orEmpty(reference.repository(), manifests.fetch(reference));
  }

  @Override
  public <T> Future<Optional<T>> findManifest(
      ImageReference reference, Function<RawManifest, Future<T>> work) {
    // Whatever comes of the work, the registry has answered: that is neither tried again nor
    // elsewhere.
    return calls
        .orEmpty(
            reference.repository(),
            manifests.fetch(reference, raw -> work.apply(raw).transform(Future::succeededFuture)))
        .compose(
            found ->
                found.isEmpty()
                    ? Future.succeededFuture(Optional.empty())
                    : outcome(found.get()).map(Optional::of));
  }

  private static <T> Future<T> outcome(AsyncResult<T> result) {
    return result.succeeded()
        ? Future.succeededFuture(result.result())
        : Future.failedFuture(result.cause());
  }

  @Override
  public Future<Void> pushManifest(ImageReference reference, RawManifest manifest) {
    return manifests.push(reference, manifest);
  }

  @Override
  public Future<Void> deleteManifest(ImageReference reference) {
    return manifests.delete(reference);
  }

  @Override
  public Future<Void> fetchBlob(
      Repository repository, Descriptor blob, ByteRange range, BlobSink sink) {
    return blobs.fetch(repository, blob, range, sink);
  }

  @Override
  public Future<Void> fetchBlob(
      Repository repository, Digest digest, ByteRange range, BlobSink sink) {
    return blobs.fetch(repository, digest, range, sink);
  }

  @Override
  public Future<Optional<Long>> findBlob(Repository repository, Digest digest) {
    return blobs.find(repository, digest);
  }

  @Override
  public Future<BlobPush> pushBlob(
      Repository repository, Descriptor blob, BlobSource source, @Nullable Repository mountFrom) {
    return blobs.push(repository, blob, source, mountFrom);
  }

  @Override
  public Future<Void> deleteBlob(Repository repository, Digest digest) {
    return blobs.delete(repository, digest);
  }

  @Override
  public Future<List<Tag>> tags(Repository repository) {
    return tagLists.tags(repository);
  }

  @Override
  public Future<Referrers> referrers(Repository repository, Digest subject) {
    return referrerLists.referrers(repository, subject);
  }

  @Override
  public Future<Optional<Referrers>> referrersByApi(Repository repository, Digest subject) {
    return referrerLists.byApi(repository, subject);
  }

  @Override
  public Future<byte[]> fetchFile(URI address, int maxBytes) {
    Origin origin;
    Target target;
    try {
      origin = Origin.of(address);
      String query = address.getRawQuery() == null ? "" : "?" + address.getRawQuery();
      String path = address.getRawPath();
      target = new Target(origin, (path == null || path.isEmpty() ? "/" : path) + query);
    } catch (MalformedException e) {
      return Future.failedFuture(
          RegistryException.of(ErrorCode.REFUSED, "GET", String.valueOf(e.getMessage())));
    }
    Upstream upstream = upstreams.of(origin.registryName());
    RegistryRequest request = Requests.FETCH_FILE.at(upstream, target, Scope.NONE).build();
    return calls.onEventLoop(
        () ->
            transport
                .retries()
                .run(
                    () ->
                        transport.send(
                            request,
                            answer -> transport.bodies().read(request, answer, maxBytes))));
  }

  @Override
  public Future<RestAnswer> ask(RestRequest request) {
    return restCalls.ask(request);
  }

  @Override
  public Optional<Boolean> hasReferrersApi(RegistryName registry) {
    return referrerLists.hasApi(upstreams.of(registry));
  }

  @Override
  public Optional<RateLimit> rateLimit(RegistryName registry) {
    return transport.exchange().rateLimits().of(registry);
  }

  @Override
  public int keepPulls(RegistryName registry) {
    return upstreams.of(registry).keepPulls();
  }

  @Override
  public SortedMap<String, SortedMap<String, Long>> requestCounts() {
    return transport.exchange().requests().snapshot();
  }

  @Override
  public SortedMap<String, SortedMap<String, Long>> answerCounts() {
    return transport.exchange().answers().snapshot();
  }

  @Override
  public Map<String, BreakerState> breakers() {
    return endpoints.health().states();
  }

  @Override
  public Future<Void> shutdown() {
    return transport.close();
  }
}
