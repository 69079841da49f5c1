package io.entrepot.proxy;

import io.entrepot.oci.Digest;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/** Takes a body of any length and keeps its digest. */
final class HashingSubscriber implements BodySubscriber<Digest> {

  private final MessageDigest hash = Digest.Algorithm.SHA256.newMessageDigest();
  private final CompletableFuture<Digest> body = new CompletableFuture<>();

  @Override
  public CompletionStage<Digest> getBody() {
    return body;
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    subscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    buffers.forEach(hash::update);
  }

  @Override
  public void onError(Throwable cause) {
    body.completeExceptionally(cause);
  }

  @Override
  public void onComplete() {
    body.complete(Digest.fromHash(Digest.Algorithm.SHA256, hash.digest()));
  }
}
