package io.ssegateway.transport.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.ssl.SslHandler;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Builds the pipelines of ordinary channels.
 *
 * <pre>
 *   TLS:    SslHandler ─▶ TlsNegotiation ──http/1.1──▶ HttpRequestDecoder, HttpResponseEncoder
 *                               │                                      └──▶ HttpConnectionHandler
 *                               └──h2──▶ Http2Codec ─▶ Http2MultiplexHandler ─▶ Http2Watch
 *                                                    └──each stream──▶ Http2RequestHandler
 *   plain:  ProtocolDetector ─▶ as with http/1.1, and as with h2 once the preface is seen
 * </pre>
 *
 * Where proxies speak the PROXY protocol, {@link ProxyHeader} stands before all of it.
 *
 * <p>Thread-safe.
 */
final class Pipelines {
  private final GatewayOptions options;
  private final Http2Options http2;
  private final Router router;
  private final Cors cors;
  private final TransportCounters counters;
  private final Map<EventLoop, HttpConnections> connections;
  private final @Nullable TlsCertificates tls;

  Pipelines(
      GatewayOptions options,
      Http2Options http2,
      Router router,
      Cors cors,
      TransportCounters counters,
      Map<EventLoop, HttpConnections> connections,
      @Nullable TlsCertificates tls) {
    this.options = options;
    this.http2 = http2;
    this.router = router;
    this.cors = cors;
    this.counters = counters;
    this.connections = connections;
    this.tls = tls;
  }

  TransportCounters counters() {
    return counters;
  }

  <C extends Channel> ChannelInitializer<C> initializer() {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(C channel) {
        begin(channel);
      }
    };
  }

  private void begin(Channel channel) {
    Admission admission = ofLoop(channel).admission;
    if (admission.requiresProxyHeader() && !PeerAddress.isTold(channel)) {
      if (!admission.trusts(channel.remoteAddress())) {
        counters.add(TransportCounter.REFUSED_PROXY);
        channel.close();
        return;
      }
      channel.pipeline().addLast(new HAProxyMessageDecoder(), new ProxyHeader(counters));
    }
    TlsCertificates certificates = tls;
    if (certificates == null) {
      // who ends his side has a right to his answers
      channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
      channel.pipeline().addLast(new ProtocolDetector(this));
      serveHttp1(channel);
      return;
    }
    SslHandler handler = certificates.current().newHandler(channel.alloc());
    handler.setHandshakeTimeoutMillis(options.headerTimeoutMs());
    channel.pipeline().addLast(handler, new TlsNegotiation(this));
  }

  void serveHttp1(Channel channel) {
    channel
        .pipeline()
        .addLast(newDecoder())
        .addLast(new HttpResponseEncoder())
        .addLast(new HttpConnectionHandler(options, router, cors, ofLoop(channel)));
  }

  /** Goes on with HTTP/2 on a channel that was prepared for HTTP/1.1. */
  void replaceHttp1(Channel channel) {
    ChannelPipeline pipeline = channel.pipeline();
    removeHttp1Codec(pipeline);
    pipeline.remove(HttpConnectionHandler.class);
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
    serveHttp2(channel);
  }

  /** Takes what is written from now on as the bytes that it is. */
  static void removeHttp1Codec(ChannelPipeline pipeline) {
    pipeline.remove(HttpRequestDecoder.class);
    pipeline.remove(HttpResponseEncoder.class);
  }

  void serveHttp2(Channel channel) {
    counters.add(TransportCounter.HTTP2_CONNECTIONS);
    HttpConnections ofLoop = ofLoop(channel);
    Http2Watch watch = new Http2Watch(options, http2, counters, ofLoop);
    ChannelInitializer<Channel> streams =
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel stream) {
            stream
                .pipeline()
                .addLast(new Http2RequestHandler(options, router, cors, ofLoop, watch));
          }
        };
    channel
        .pipeline()
        .addLast(Http2Codec.of(options, http2, ofLoop))
        .addLast(new Http2MultiplexHandler(streams))
        .addLast(watch);
  }

  private HttpConnections ofLoop(Channel channel) {
    return Objects.requireNonNull(connections.get(channel.eventLoop()));
  }

  HttpRequestDecoder newDecoder() {
    return new HttpRequestDecoder(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(options.maxHeaderBytes())
            .setMaxHeaderSize(options.maxHeaderBytes())
            .setAllowDuplicateContentLengths(false)
            .setStrictLineParsing(true)
            .setUseRfc9112TransferEncoding(true));
  }
}
