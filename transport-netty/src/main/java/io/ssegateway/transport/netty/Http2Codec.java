package io.ssegateway.transport.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;

/**
 * The codec of an HTTP/2 connection, with our limits. It is a class of its own because the codec
 * refuses too large a head by itself, where none of our handlers sees it. Owned by the event loop.
 */
final class Http2Codec extends Http2FrameCodec {
  private static final int RESET_WINDOW_SECONDS = 30;
  private static final int MIN_MAX_RESETS = 200;

  private final HttpConnections connections;

  private Http2Codec(
      Http2ConnectionEncoder encoder,
      Http2ConnectionDecoder decoder,
      Http2Settings initialSettings,
      boolean decoupleCloseAndGoAway,
      boolean flushPreface,
      HttpConnections connections) {
    super(encoder, decoder, initialSettings, decoupleCloseAndGoAway, flushPreface);
    this.connections = connections;
  }

  /** A codec for a connection that begins. */
  static Http2FrameCodec of(
      GatewayOptions options, Http2Options http2, HttpConnections connections) {
    // enough to end all streams at once, and all that were opened in their place
    int maxResets =
        (int) Math.min(Integer.MAX_VALUE, Math.max(MIN_MAX_RESETS, 2L * http2.maxStreams()));
    return new Builder(connections)
        .initialSettings(
            Http2Settings.defaultSettings()
                .maxConcurrentStreams(http2.maxStreams())
                .maxHeaderListSize(options.maxHeaderBytes()))
        .gracefulShutdownTimeoutMillis(0)
        .validateHeaders(true)
        .validateRequiredPseudoHeaders(true)
        .decoderEnforceMaxRstFramesPerWindow(maxResets, RESET_WINDOW_SECONDS)
        .encoderEnforceMaxRstFramesPerWindow(maxResets, RESET_WINDOW_SECONDS)
        .build();
  }

  /** Answers 431, without a body. */
  @Override
  protected void handleServerHeaderDecodeSizeError(ChannelHandlerContext ctx, Http2Stream stream) {
    connections.admission.counters().add(TransportCounter.REFUSED_HEADERS);
    super.handleServerHeaderDecodeSizeError(ctx, stream);
    connections.unread(
        PeerAddress.of(ctx.channel()),
        Http2RequestHandler.PROTOCOL,
        HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE.code(),
        0);
  }

  private static final class Builder extends Http2FrameCodecBuilder {
    private final HttpConnections connections;

    Builder(HttpConnections connections) {
      this.connections = connections;
      server(true);
    }

    @Override
    protected Http2FrameCodec build(
        Http2ConnectionDecoder decoder,
        Http2ConnectionEncoder encoder,
        Http2Settings initialSettings) {
      return new Http2Codec(
          encoder, decoder, initialSettings, decoupleCloseAndGoAway(), flushPreface(), connections);
    }
  }
}
