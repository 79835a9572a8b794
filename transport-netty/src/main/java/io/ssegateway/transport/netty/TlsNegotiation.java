package io.ssegateway.transport.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Goes on with the version of HTTP that the TLS handshake has found (ALPN). */
final class TlsNegotiation extends ApplicationProtocolNegotiationHandler {
  private static final Logger LOG = LoggerFactory.getLogger(TlsNegotiation.class);

  private final Pipelines pipelines;
  private boolean failed;

  TlsNegotiation(Pipelines pipelines) {
    super(ApplicationProtocolNames.HTTP_1_1);
    this.pipelines = pipelines;
  }

  @Override
  protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
    if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
      pipelines.serveHttp2(ctx.channel());
    } else {
      pipelines.serveHttp1(ctx.channel());
    }
  }

  /** What a peer can cause at will is counted, not logged. */
  @Override
  protected void handshakeFailure(ChannelHandlerContext ctx, Throwable cause) {
    exceptionCaught(ctx, cause);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!failed) {
      failed = true;
      pipelines.counters().add(TransportCounter.TLS_FAILURES);
      LOG.debug("TLS with {} failed", ctx.channel().remoteAddress(), cause);
      ctx.close();
    }
  }
}
