package io.entrepot.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * Brings bodies of HTTP/1 requests into the heap before Vert.x may lay them by.
 *
 * <p>What a connection holds while its request is paused, Vert.x 5.2 never releases when that
 * connection closes: each client that left so would cost memory outside the heap for good. What
 * lies in the heap needs no release. Vert.x would make the same copy a moment later, and makes none
 * of what is in the heap.
 */
final class HeapContent extends ChannelInboundHandlerAdapter {

  /** Watches a connection that was just made; on its event loop. */
  static void of(HttpConnection connection) {
    if (connection instanceof ConnectionBase base) {
      ChannelHandlerContext last = base.channelHandlerContext();
      if (last.pipeline().get(HttpRequestDecoder.class) != null) {
        last.pipeline().addBefore(last.name(), null, new HeapContent());
      }
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    context.fireChannelRead(
        message instanceof HttpContent content && content.content().isReadable()
            ? inHeap(content)
            : message);
  }

  private static HttpContent inHeap(HttpContent content) {
    // Releases what it copies; what is in the heap stays the same.
    ByteBuf bytes = BufferInternal.safeBuffer(content.content()).getByteBuf();
    HttpContent copy = content.replace(bytes);
    copy.setDecoderResult(content.decoderResult());
    return copy;
  }
}
