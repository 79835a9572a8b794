package io.ssegateway.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.HttpConversionUtil;
import io.netty.util.ReferenceCountUtil;
import io.ssegateway.engine.CloseReason;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One stream of an HTTP/2 connection: puts its request together, hands it to the router and writes
 * the response, or is turned into a stream of events. Owned by its event loop.
 */
final class Http2RequestHandler extends SweptHandler implements RequestCarrier {
  static final String PROTOCOL = "HTTP/2.0";

  private final GatewayOptions options;
  private final Router router;
  private final Cors cors;
  private final HttpConnections connections;
  private final Http2Watch watch;

  private @Nullable Http2StreamChannel channel;
  private long deadline;
  private @Nullable HttpMethod method;
  private String target = "/";
  private HttpHeaders headers = newHeaders();
  private @Nullable ByteBuf body;
  private @Nullable HttpExchange exchange;
  private @Nullable Http2Outlet outlet;
  private boolean requestEnded;
  private boolean answered;
  private boolean publishing;
  private boolean closed;

  Http2RequestHandler(
      GatewayOptions options,
      Router router,
      Cors cors,
      HttpConnections connections,
      Http2Watch watch) {
    this.options = options;
    this.router = router;
    this.cors = cors;
    this.connections = connections;
    this.watch = watch;
  }

  private static HttpHeaders newHeaders() {
    return DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    channel = (Http2StreamChannel) ctx.channel();
    watch.streamOpened();
    restartDeadline(options.headerTimeoutMs());
    connections.add(this);
  }

  @Override
  public Channel channel() {
    return stream();
  }

  private Http2StreamChannel stream() {
    Http2StreamChannel c = channel;
    if (c == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return c;
  }

  @Override
  public Cors cors() {
    return cors;
  }

  @Override
  public Admission admission() {
    return connections.admission;
  }

  @Override
  public @Nullable AccessLogWriter accessLog() {
    return connections.accessLog;
  }

  @Override
  public boolean isOver() {
    return closed || answered;
  }

  // ---- request ----

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (message instanceof Http2HeadersFrame frame) {
        requestEnded |= frame.isEndStream();
        if (method == null) {
          begin(frame.headers());
        } else {
          endIfWhole(); // trailers say nothing that anybody here wants to know
        }
      } else if (message instanceof Http2DataFrame frame) {
        requestEnded |= frame.isEndStream();
        add(frame.content());
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void begin(Http2Headers received) {
    CharSequence path = received.path();
    method = HttpMethod.valueOf(String.valueOf(received.method()));
    target = path == null ? "/" : path.toString();
    try {
      HttpConversionUtil.addHttp2ToHttpHeaders(
          stream().stream().id(), received, headers, HttpVersion.HTTP_1_1, false, true);
    } catch (Http2Exception e) {
      reject(HttpProblem.badRequest("malformed request: " + e.getMessage()));
      return;
    }
    if (headers.contains(HttpHeaderNames.EXPECT, "100-continue", true) && !requestEnded) {
      stream()
          .writeAndFlush(
              new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("100"), false));
    }
    endIfWhole();
  }

  private void add(ByteBuf bytes) {
    if (answered || exchange != null) {
      return;
    }
    ByteBuf soFar = body;
    int size = (soFar == null ? 0 : soFar.readableBytes()) + bytes.readableBytes();
    if (size > options.maxRequestBytes()) {
      reject(RequestProblems.tooLarge(options));
      return;
    }
    if (bytes.isReadable()) {
      if (!watch.takeBodyBytes(bytes.readableBytes())) {
        reject(
            HttpProblem.retryLater(
                    503,
                    "the requests under way on this connection hold too much: send fewer at once")
                .counted(TransportCounter.REFUSED_SIZE));
        return;
      }
      if (soFar == null) {
        soFar = stream().alloc().buffer(Math.max(256, bytes.readableBytes()));
        body = soFar;
      }
      soFar.writeBytes(bytes);
    }
    endIfWhole();
  }

  private void endIfWhole() {
    HttpMethod m = method;
    if (!requestEnded || m == null || exchange != null || answered) {
      return;
    }
    ByteBuf whole = body;
    body = null;
    restartDeadline(options.idleTimeoutMs());
    HttpExchange complete =
        new HttpExchange(
            this,
            PROTOCOL,
            m,
            RequestTarget.of(target, options),
            headers,
            whole == null ? Unpooled.EMPTY_BUFFER : whole,
            true);
    exchange = complete;
    try {
      router.handle(complete);
    } finally {
      if (whole != null) {
        watch.giveBodyBytesBack(whole.readableBytes());
        whole.release();
      }
    }
  }

  /** Answers a request that is read no further. */
  private void reject(HttpProblem problem) {
    dropBody();
    HttpMethod m = method;
    HttpExchange rejected =
        new HttpExchange(
            this,
            PROTOCOL,
            m == null ? HttpMethod.GET : m,
            RequestTarget.of(target, options),
            headers,
            Unpooled.EMPTY_BUFFER,
            true);
    exchange = rejected;
    rejected.respond(problem);
  }

  private void dropBody() {
    ByteBuf unfinished = body;
    body = null;
    if (unfinished != null) {
      watch.giveBodyBytesBack(unfinished.readableBytes());
      unfinished.release();
    }
  }

  // ---- response ----

  @Override
  public void answered() {
    HttpExchange answer = exchange;
    if (answer == null || isOver()) {
      return;
    }
    Runnable takeover = answer.takeover;
    Response response = answer.response;
    if (takeover != null) {
      answered = true;
      connections.remove(this);
      takeover.run();
    } else if (response != null) {
      answered = true;
      restartDeadline(options.idleTimeoutMs());
      answer.written(response);
      write(response);
    }
  }

  private void write(Response response) {
    Http2StreamChannel c = stream();
    byte[] content = response.content();
    c.write(new DefaultHttp2HeadersFrame(fields(response.head()), content.length == 0));
    if (content.length > 0) {
      c.write(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(content), true));
    }
    if (!requestEnded) {
      c.write(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR)); // RFC 9113, 8.1
    }
    c.flush();
  }

  private static Http2Headers fields(ResponseHead head) {
    Http2Headers fields = new DefaultHttp2Headers(false);
    fields.status(Integer.toString(head.status()));
    head.forEach((name, value) -> fields.add(name.toLowerCase(Locale.ROOT), value));
    return fields;
  }

  @Override
  public StreamOutlet openStream(ResponseHead head, @Nullable String toldAddress) {
    Http2StreamChannel c = stream();
    c.write(new DefaultHttp2HeadersFrame(fields(head), false));
    Http2Outlet opened = new Http2Outlet(c, watch, connections, toldAddress);
    outlet = opened;
    return opened;
  }

  @Override
  public void publishing() {
    publishing = true;
  }

  @Override
  public void waiting(int change) {
    // a stream carries one request, which is here
  }

  @Override
  public void readNoFurther() {
    // a request is all that comes by a stream
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (publishing) {
      publishing = false;
      connections.lane.awaitJournal();
    }
  }

  // ---- end ----

  private void restartDeadline(int ms) {
    deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms);
  }

  @Override
  public void sweep(long nowNs) {
    if (nowNs - deadline < 0) {
      return;
    }
    if (answered) {
      stream().close(); // the answer is not taken
    } else if (exchange == null) {
      reject(RequestProblems.late(options));
    }
  }

  @Override
  public void closeWhenIdle() {
    // the connection ends behind its last stream
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end(watch.reason());
  }

  /** A stream error; the codec or the close says RST_STREAM. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }

  private void end(CloseReason reason) {
    if (closed) {
      return;
    }
    closed = true;
    connections.remove(this);
    dropBody();
    watch.streamClosed();
    Http2Outlet o = outlet;
    if (o != null) {
      o.ended(reason);
    } else if (exchange != null) {
      exchange.abandoned(); // which is nothing new if it was answered
    }
  }
}
