package io.entrepot.registry;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import java.util.function.Function;

/** Manifests: what a tag means, their bytes, pushing and removing them. */
final class Manifests {

  private final Calls calls;
  private final Transport transport;

  Manifests(Calls calls) {
    this.calls = calls;
    this.transport = calls.transport();
  }

  Future<Descriptor> resolve(ImageReference reference) {
    return calls.read(
        reference.repository(),
        Requests.RESOLVE_MANIFEST.capability(reference),
        route -> resolve(route, reference));
  }

  private Future<Descriptor> resolve(Route route, ImageReference reference) {
    return transport.send(
        Requests.RESOLVE_MANIFEST.to(route, reference.identifier()).build(),
        answer ->
            transport
                .bodies()
                .discard(answer)
                .compose(
                    read ->
                        described(reference, answer)
                            .map(Future::succeededFuture)
                            .orElseGet(
                                () -> fetch(route, reference).map(RawManifest::descriptor))));
  }

  Future<RawManifest> fetch(ImageReference reference) {
    return fetch(reference, Future::succeededFuture);
  }

  /**
   * Fetches and works with what came; a large manifest counts among the answers that are in memory
   * until that is done.
   */
  <T> Future<T> fetch(ImageReference reference, Function<RawManifest, Future<T>> work) {
    return calls.read(
        reference.repository(),
        Requests.FETCH_MANIFEST.capability(reference),
        route -> fetch(route, reference, work));
  }

  /** From one endpoint. */
  Future<RawManifest> fetch(Route route, ImageReference reference) {
    return fetch(route, reference, Future::succeededFuture);
  }

  private <T> Future<T> fetch(
      Route route, ImageReference reference, Function<RawManifest, Future<T>> work) {
    RegistryRequest request = Requests.FETCH_MANIFEST.to(route, reference.identifier()).build();
    return transport.send(
        request,
        answer ->
            transport
                .bodies()
                .use(
                    request,
                    answer,
                    RawManifest.MAX_BYTES,
                    bytes -> received(request, reference, answer, bytes).compose(work)));
  }

  private static Future<RawManifest> received(
      RegistryRequest request, ImageReference reference, Answer answer, byte[] bytes) {
    Digest wanted = reference.digest();
    try {
      RawManifest manifest =
          RawManifest.received(
              answer.header("Content-Type"),
              bytes,
              wanted == null ? Digest.Algorithm.SHA256 : wanted.algorithm());
      return wanted == null || manifest.digest().equals(wanted)
          ? Future.succeededFuture(manifest)
          : Future.failedFuture(
              request.failure(
                  ErrorCode.CORRUPT, "the manifest's bytes have the digest " + manifest.digest()));
    } catch (MalformedException e) {
      return Future.failedFuture(
          request
              .failure(ErrorCode.MANIFEST_INVALID, String.valueOf(e.getMessage()))
              .withStatus(answer.status())
              .withCause(e));
    }
  }

  /** What the headers of a HEAD say; empty where they do not say enough. */
  private static Optional<Descriptor> described(ImageReference reference, Answer answer) {
    String digest = answer.header("Docker-Content-Digest");
    String type = answer.header("Content-Type");
    Optional<Long> length = answer.length();
    if (answer.status() != 200 || digest == null || type == null || length.isEmpty()) {
      return Optional.empty();
    }
    try {
      Descriptor descriptor =
          Descriptor.of(MediaType.parse(type), Digest.parse(digest.strip()), length.get());
      boolean agrees = reference.digest() == null || reference.digest().equals(descriptor.digest());
      return agrees && (descriptor.mediaType().isManifest() || reference.digest() != null)
          ? Optional.of(descriptor)
          : Optional.empty();
    } catch (MalformedException e) {
      // The GET that follows tells what is there.
      return Optional.empty();
    }
  }

  Future<Void> push(ImageReference reference, RawManifest manifest) {
    String name = reference.tag() == null ? manifest.digest().toString() : reference.tag().value();
    RegistryRequest request =
        Requests.PUSH_MANIFEST
            .to(calls.owner(reference.repository()), name)
            .header("Content-Type", manifest.mediaType().value())
            .body(Buffer.buffer(manifest.bytes()))
            .build();
    return calls.write(request, answer -> acknowledged(request, answer, manifest));
  }

  private static Future<Void> acknowledged(
      RegistryRequest request, Answer answer, RawManifest manifest) {
    String digest = answer.header("Docker-Content-Digest");
    boolean differs =
        digest != null
            && digest.startsWith(manifest.digest().algorithm().prefix() + ":")
            && !digest.strip().equals(manifest.digest().toString());
    return differs
        ? Future.failedFuture(
            request.failure(
                ErrorCode.CORRUPT,
                "the registry stored %s instead of %s".formatted(digest, manifest.digest())))
        : Future.succeededFuture();
  }

  Future<Void> delete(ImageReference reference) {
    RegistryRequest request =
        Requests.DELETE_MANIFEST
            .to(calls.owner(reference.repository()), reference.identifier())
            .build();
    return calls.write(request, answer -> Future.succeededFuture());
  }
}
