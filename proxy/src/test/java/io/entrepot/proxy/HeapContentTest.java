package io.entrepot.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeapContentTest {

  private static final List<ByteBufAllocator> ALLOCATORS =
      List.of(new AdaptiveByteBufAllocator(), PooledByteBufAllocator.DEFAULT);

  private final EmbeddedChannel channel = new EmbeddedChannel(new HeapContent());

  @Test
  void content_isPassedOnInTheHeap_andReleasedOutsideIt() {
    for (ByteBufAllocator allocator : ALLOCATORS) {
      ByteBuf direct = allocator.directBuffer().writeBytes("abc".getBytes(US_ASCII));

      channel.writeInbound(new DefaultHttpContent(direct));

      assertThat(direct.refCnt()).isZero();
      HttpContent passed = channel.readInbound();
      assertThat(passed.content().isDirect()).isFalse();
      assertThat(passed.content().toString(US_ASCII)).isEqualTo("abc");
    }
  }

  @Test
  void lastContent_keepsItsTrailers() {
    ByteBuf direct = ALLOCATORS.getFirst().directBuffer().writeBytes("z".getBytes(US_ASCII));
    LastHttpContent last = new DefaultLastHttpContent(direct);
    last.trailingHeaders().set("x-sum", "1");

    channel.writeInbound(last);

    LastHttpContent passed = channel.readInbound();
    assertThat(direct.refCnt()).isZero();
    assertThat(passed.trailingHeaders().get("x-sum")).isEqualTo("1");
    assertThat(passed.content().toString(US_ASCII)).isEqualTo("z");
  }

  @Test
  void emptyEnd_staysTheSame() {
    channel.writeInbound(LastHttpContent.EMPTY_LAST_CONTENT);

    LastHttpContent passed = channel.readInbound();
    assertThat(passed).isSameAs(LastHttpContent.EMPTY_LAST_CONTENT);
  }
}
