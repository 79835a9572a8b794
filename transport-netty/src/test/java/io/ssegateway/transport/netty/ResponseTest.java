package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A response is the same bytes, with a pipeline and without. */
class ResponseTest {
  private static final byte[] NOTHING = {};

  private static ResponseHead head(int status) {
    return new ResponseHead(status)
        .add("Date", "Sat, 28 Nov 2026 10:00:00 GMT")
        .add("Vary", "Origin")
        .add("X-of-its-own-CASE", "ü, two  spaces")
        .add("Vary", "Accept-Encoding");
  }

  private static String text(ByteBuf bytes) {
    try {
      return bytes.toString(StandardCharsets.ISO_8859_1);
    } finally {
      bytes.release();
    }
  }

  private static String encoded(FullHttpResponse message) {
    EmbeddedChannel channel = new EmbeddedChannel(new HttpResponseEncoder());
    channel.writeOutbound(message);
    ByteBuf all = Unpooled.buffer();
    for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
      all.writeBytes(part);
      part.release();
    }
    channel.finishAndReleaseAll();
    return text(all);
  }

  @Test
  void isTheSameByThePipelineAndWithout() {
    byte[] small = "hello".getBytes(StandardCharsets.US_ASCII);
    byte[] large = "x".repeat(100_000).getBytes(StandardCharsets.US_ASCII);
    for (Response response :
        List.of(
            new Response(head(200).add("Content-Length", "5"), small),
            new Response(head(200).add("Content-Length", "100000"), large),
            new Response(head(200).add("Content-Length", "5"), NOTHING), // of HEAD
            new Response(head(204).add("Allow", "GET"), NOTHING),
            new Response(head(304).add("ETag", "\"a\""), NOTHING),
            new Response(head(404).add("Content-Length", "5"), small),
            new Response(head(599).add("Content-Length", "0"), NOTHING))) {
      for (boolean close : new boolean[] {false, true}) {
        assertThat(encoded(response.toMessage(close)))
            .isEqualTo(text(response.toHttp1(UnpooledByteBufAllocator.DEFAULT, close)))
            .startsWith("HTTP/1.1 " + response.head().status() + " ");
      }
    }
  }

  @Test
  void theHeadOfAStreamHasItsFirstBytesBehindIt() {
    ByteBuf first = ByteBufUtil.writeAscii(UnpooledByteBufAllocator.DEFAULT, ":\nretry: 2000\n\n");

    assertThat(encoded(head(200).toMessage(true, first)))
        .isEqualTo(
            text(head(200).toHttp1(UnpooledByteBufAllocator.DEFAULT, true, 0))
                + ":\nretry: 2000\n\n");
    assertThat(first.refCnt()).isZero();
  }
}
