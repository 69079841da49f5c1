package io.entrepot.registry;

import static io.entrepot.registry.Kind.BLOB;
import static io.entrepot.registry.Kind.FILE;
import static io.entrepot.registry.Kind.MANIFEST;
import static io.entrepot.registry.Kind.REFERRERS;
import static io.entrepot.registry.Kind.TAGS;
import static io.entrepot.registry.Kind.TOKEN;
import static io.entrepot.registry.Kind.UPLOAD;
import static io.vertx.core.http.HttpMethod.DELETE;
import static io.vertx.core.http.HttpMethod.GET;
import static io.vertx.core.http.HttpMethod.HEAD;
import static io.vertx.core.http.HttpMethod.PATCH;
import static io.vertx.core.http.HttpMethod.POST;
import static io.vertx.core.http.HttpMethod.PUT;

import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.Repository;
import io.entrepot.registry.auth.Scope;
import io.vertx.core.http.HttpMethod;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Every request that this client sends, one line each: the method, the path below {@code
 * /v2/<repository>/}, what it is about, what an endpoint must be trusted with to be asked, what the
 * client accepts, and the statuses that are an answer.
 *
 * <p>Requests of an upload session go where the registry said (distribution-spec 1.1, "Pushing
 * blobs"), those for tokens to the realm, those for files of a chart repository to their own
 * addresses; these lines have no path.
 */
// Neither the set of statuses nor a method of HTTP changes.
@SuppressWarnings("ImmutableEnumChecker")
enum Requests {
  RESOLVE_MANIFEST(HEAD, "manifests/{}", MANIFEST, Capability.RESOLVE, Accept.MANIFESTS, 200, 405),
  FETCH_MANIFEST(GET, "manifests/{}", MANIFEST, Capability.RESOLVE, Accept.MANIFESTS, 200),
  PUSH_MANIFEST(PUT, "manifests/{}", MANIFEST, Capability.PUSH, Accept.ANY, 200, 201, 202, 204),
  DELETE_MANIFEST(DELETE, "manifests/{}", MANIFEST, Capability.PUSH, Accept.ANY, 200, 202, 204),
  FIND_BLOB(HEAD, "blobs/{}", BLOB, Capability.PULL, Accept.ANY, 200),
  FETCH_BLOB(GET, "blobs/{}", BLOB, Capability.PULL, Accept.ANY, 200, 206),
  DELETE_BLOB(DELETE, "blobs/{}", BLOB, Capability.PUSH, Accept.ANY, 200, 202, 204),
  START_UPLOAD(POST, "blobs/uploads/", UPLOAD, Capability.PUSH, Accept.ANY, 201, 202),
  ASK_UPLOAD(GET, "", UPLOAD, Capability.PUSH, Accept.ANY, 200, 202, 204),
  SEND_CHUNK(PATCH, "", UPLOAD, Capability.PUSH, Accept.ANY, 201, 202, 204),
  COMMIT_UPLOAD(PUT, "", UPLOAD, Capability.PUSH, Accept.ANY, 201, 204),
  LIST_TAGS(GET, "tags/list?n=1000", TAGS, Capability.RESOLVE, Accept.ANY, 200),
  LIST_REFERRERS(GET, "referrers/{}", REFERRERS, Capability.REFERRERS, Accept.INDEX, 200),
  FETCH_FILE(GET, "", FILE, Capability.PULL, Accept.ANY, 200),
  ASK_TOKEN(GET, "", TOKEN, Capability.PULL, Accept.ANY, 200, 201, 400, 401, 403, 404, 405),
  EXCHANGE_TOKEN(POST, "", TOKEN, Capability.PULL, Accept.ANY, 200, 201, 400, 401, 403, 404, 405);

  private final HttpMethod method;
  private final String path;
  private final Kind kind;
  private final Capability capability;
  private final String accept;
  private final Set<Integer> expected;

  Requests(
      HttpMethod method,
      String path,
      Kind kind,
      Capability capability,
      String accept,
      int... expected) {
    this.method = method;
    this.path = path;
    this.kind = kind;
    this.capability = capability;
    this.accept = accept;
    this.expected = Arrays.stream(expected).boxed().collect(Collectors.toUnmodifiableSet());
  }

  /** Values of the {@code Accept} header. */
  private static final class Accept {

    /** No header. */
    static final String ANY = "";

    static final String INDEX = MediaType.OCI_INDEX.value();

    static final String MANIFESTS =
        List.of(
                    MediaType.OCI_INDEX,
                    MediaType.DOCKER_LIST,
                    MediaType.OCI_MANIFEST,
                    MediaType.DOCKER_MANIFEST,
                    MediaType.OCI_ARTIFACT)
                .stream()
                .map(MediaType::value)
                .collect(Collectors.joining(", "))
            + ", */*;q=0.1";

    private Accept() {}
  }

  /** What an endpoint must be trusted with: what a digest names is verified here, a tag is not. */
  Capability capability(ImageReference reference) {
    return reference.digest() == null ? capability : Capability.PULL;
  }

  Capability capability() {
    return capability;
  }

  /**
   * This request in a repository.
   *
   * @param name the tag or digest for the path's placeholder
   */
  RegistryRequest.Builder to(Route route, Object name) {
    return at(
            route.upstream(),
            route.target(path.replace("{}", name.toString())),
            scope(route.repository()))
        .alternative(route.alternative());
  }

  RegistryRequest.Builder to(Route route) {
    return to(route, "");
  }

  /** This request at an address that somebody else chose. */
  RegistryRequest.Builder at(Upstream upstream, Target target, Scope scope) {
    RegistryRequest.Builder request =
        new RegistryRequest.Builder(method, kind, upstream, target, scope).expect(expected);
    return accept.isEmpty() ? request : request.header("Accept", accept);
  }

  private Scope scope(Repository repository) {
    if (method.equals(DELETE)) {
      return Scope.delete(repository);
    }
    return capability == Capability.PUSH ? Scope.push(repository) : Scope.pull(repository);
  }
}
