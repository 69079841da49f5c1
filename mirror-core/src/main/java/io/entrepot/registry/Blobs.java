package io.entrepot.registry;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Repository;
import io.vertx.core.Future;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Blobs: their bytes, whether they are there, pushing and removing them. */
final class Blobs {

  private final Calls calls;
  private final Transport transport;

  Blobs(Calls calls) {
    this.calls = calls;
    this.transport = calls.transport();
  }

  Future<Void> fetch(Repository repository, Descriptor blob, ByteRange range, BlobSink sink) {
    return calls.onEventLoop(
        () ->
            new BlobDownload(
                    transport,
                    calls.endpoints(),
                    repository,
                    blob.digest(),
                    blob.size(),
                    range,
                    sink)
                .run());
  }

  Future<Void> fetch(Repository repository, Digest digest, ByteRange range, BlobSink sink) {
    return calls.onEventLoop(
        () ->
            BlobDownload.ofUnknownSize(
                    transport, calls.endpoints(), repository, digest, range, sink)
                .run());
  }

  Future<Optional<Long>> find(Repository repository, Digest digest) {
    return calls.orEmpty(
        repository,
        calls.read(
            repository,
            Requests.FIND_BLOB.capability(),
            route ->
                transport.send(
                    Requests.FIND_BLOB.to(route, digest).build(),
                    answer ->
                        transport
                            .bodies()
                            .discard(answer)
                            .map(read -> answer.length().orElse(-1L)))));
  }

  Future<BlobPush> push(
      Repository repository, Descriptor blob, BlobSource source, @Nullable Repository mountFrom) {
    Upstream upstream = calls.upstream(repository);
    return calls.onEventLoop(
        () -> new BlobUpload(transport, upstream, repository, blob, source).run(mountFrom));
  }

  Future<Void> delete(Repository repository, Digest digest) {
    RegistryRequest request = Requests.DELETE_BLOB.to(calls.owner(repository), digest).build();
    return calls.write(request, answer -> Future.succeededFuture());
  }
}
