package io.ssegateway.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP/1.1 connection: puts requests together, hands them to the router, and writes the
 * responses in the order of the requests. Owned by its event loop.
 */
final class HttpConnectionHandler extends SweptHandler implements RequestCarrier {
  private static final Logger LOG = LoggerFactory.getLogger(HttpConnectionHandler.class);

  /** Requests under way above which nothing more is read. */
  private static final int MAX_PIPELINED = 256;

  /** What Netty puts in the place of a target that could not be read, behind a GET of its own. */
  private static final String NETTYS_BAD_URI = "/bad-request";

  private static final HttpMethod UNKNOWN_METHOD = HttpMethod.valueOf(AccessRecord.UNKNOWN);

  private static final ByteBuf CONTINUE =
      Unpooled.unreleasableBuffer(
          Unpooled.copiedBuffer("HTTP/1.1 100 Continue\r\n\r\n", StandardCharsets.US_ASCII));

  private final GatewayOptions options;
  private final Router router;
  private final Cors cors;
  private final HttpConnections connections;

  private @Nullable Channel channel;
  private final ArrayDeque<HttpExchange> exchanges = new ArrayDeque<>(2);
  private @Nullable HttpRequest head;
  private @Nullable ByteBuf body;

  /** Requests that wait until it is known what their caller may do. */
  private int waiting;

  private boolean rejecting;
  private boolean closing;
  private boolean flushScheduled;
  private boolean reading;
  private boolean publishing;
  private boolean firstRequestSeen;
  private boolean takenOver;
  private boolean over;
  private long deadline;

  HttpConnectionHandler(
      GatewayOptions options, Router router, Cors cors, HttpConnections connections) {
    this.options = options;
    this.router = router;
    this.cors = cors;
    this.connections = connections;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    channel = ctx.channel();
    deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(options.headerTimeoutMs());
    connections.add(this);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    over = true;
    leave();
    abandonExchanges();
  }

  private void abandonExchanges() {
    exchanges.forEach(HttpExchange::abandoned);
    exchanges.clear();
  }

  private void leave() {
    connections.remove(this);
    dropRequest();
  }

  @Override
  public Channel channel() {
    Channel c = channel;
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
    return over;
  }

  // ---- requests ----

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (closing || takenOver || !(message instanceof HttpObject object)) {
        return;
      }
      reading = true;
      if (message instanceof HttpRequest request) {
        begin(request);
      }
      if (message instanceof HttpContent content && !rejecting) {
        add(object, content);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void begin(HttpRequest request) {
    firstRequestSeen = true;
    rejecting = false;
    head = request;
    DecoderResult result = request.decoderResult();
    if (result.isFailure()) {
      reject(decodingProblem(result.cause()));
      return;
    }
    long length = HttpUtil.getContentLength(request, 0L);
    if (length > options.maxRequestBytes()) {
      reject(RequestProblems.tooLarge(length + " bytes", options));
      return;
    }
    restartDeadline(options.headerTimeoutMs());
    if (exchanges.isEmpty() && HttpUtil.is100ContinueExpected(request)) {
      sayContinue();
    }
  }

  /** Past the encoder, to which it would be the response. */
  private void sayContinue() {
    channel().pipeline().context(HttpResponseEncoder.class).writeAndFlush(CONTINUE.duplicate());
  }

  private static HttpProblem decodingProblem(Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      return HttpProblem.of(414, "request line: too long")
          .counted(TransportCounter.REFUSED_HEADERS);
    }
    if (cause instanceof TooLongHttpHeaderException) {
      return HttpProblem.of(431, "headers: too large").counted(TransportCounter.REFUSED_HEADERS);
    }
    // the exception quotes the request, and that may hold a credential
    return HttpProblem.badRequest("malformed request: " + cause.getClass().getSimpleName());
  }

  private void add(HttpObject object, HttpContent content) {
    HttpRequest request = head;
    if (request == null) {
      return;
    }
    if (object.decoderResult().isFailure()) {
      reject(decodingProblem(object.decoderResult().cause()));
      return;
    }
    ByteBuf bytes = content.content();
    ByteBuf soFar = body;
    int size = (soFar == null ? 0 : soFar.readableBytes()) + bytes.readableBytes();
    if (size > options.maxRequestBytes()) {
      reject(RequestProblems.tooLarge(options));
      return;
    }
    boolean last = content instanceof LastHttpContent;
    if (soFar == null && last) {
      body = bytes.retain(); // the usual request comes in one piece
    } else if (bytes.isReadable()) {
      if (soFar == null) {
        soFar = channel().alloc().buffer(Math.max(256, bytes.readableBytes() * 2));
        body = soFar;
      }
      soFar.writeBytes(bytes);
    }
    if (last) {
      ByteBuf whole = body;
      body = null;
      head = null;
      finish(request, whole == null ? Unpooled.EMPTY_BUFFER : whole);
    }
  }

  private void finish(HttpRequest request, ByteBuf whole) {
    try {
      HttpExchange exchange =
          exchange(
              request,
              whole,
              request.protocolVersion().isKeepAliveDefault() && HttpUtil.isKeepAlive(request));
      exchanges.add(exchange);
      if (!exchange.isKeepAlive()) {
        closing = true; // nothing after this request is read
      }
      restartDeadline(options.idleTimeoutMs());
      router.handle(exchange);
      updateReading();
    } finally {
      whole.release();
    }
  }

  /** Answers a request that cannot be read any further; the connection ends behind the answer. */
  private void reject(HttpProblem problem) {
    rejecting = true;
    refuse(problem);
  }

  /** Answers what there is of a request as the last of the connection. */
  private void refuse(HttpProblem problem) {
    HttpRequest request = head;
    dropRequest();
    closing = true;
    HttpExchange exchange =
        request == null || isNettysOwn(request)
            ? unknownExchange()
            : exchange(request, Unpooled.EMPTY_BUFFER, false);
    exchanges.add(exchange);
    exchange.respond(problem.closing());
  }

  private static boolean isNettysOwn(HttpRequest request) {
    return request.decoderResult().isFailure() && request.uri().equals(NETTYS_BAD_URI);
  }

  private HttpExchange exchange(HttpRequest request, ByteBuf content, boolean keepAlive) {
    return new HttpExchange(
        this,
        request.protocolVersion().text(),
        request.method(),
        RequestTarget.of(request.uri(), options),
        request.headers(),
        content,
        keepAlive);
  }

  private HttpExchange unknownExchange() {
    return new HttpExchange(
        this,
        AccessRecord.UNKNOWN,
        UNKNOWN_METHOD,
        RequestTarget.of(AccessRecord.UNKNOWN, options),
        EmptyHttpHeaders.INSTANCE,
        Unpooled.EMPTY_BUFFER,
        false);
  }

  @Override
  public void readNoFurther() {
    closing = true;
  }

  private void dropRequest() {
    head = null;
    ByteBuf unfinished = body;
    body = null;
    if (unfinished != null) {
      unfinished.release();
    }
  }

  // ---- responses ----

  /** Writes whatever has its turn now. */
  @Override
  public void answered() {
    Channel c = channel();
    boolean written = false;
    while (!exchanges.isEmpty() && exchanges.peek().isAnswered()) {
      HttpExchange exchange = exchanges.remove();
      Runnable takeover = exchange.takeover;
      if (takeover != null) {
        takenOver = true;
        if (written) {
          c.flush();
        }
        leave();
        takeover.run();
        return;
      }
      Response response = exchange.response;
      if (response != null) {
        written = true;
        FullHttpResponse message = response.toMessage(exchange.closeAfter);
        exchange.written(response);
        if (exchange.closeAfter) {
          closing = true;
          c.writeAndFlush(message)
              .addListener(rejecting ? ClosingChannels.LINGER : ChannelFutureListener.CLOSE);
          over = true; // what stands behind it gets no answer
          abandonExchanges();
          return;
        }
        c.write(message);
      }
    }
    if (written) {
      restartDeadline(options.idleTimeoutMs());
      scheduleFlush(c);
      if (exchanges.size() < MAX_PIPELINED / 2) {
        updateReading();
      }
    }
  }

  /** Answers that come in the same round leave in one write. */
  private void scheduleFlush(Channel c) {
    if (!reading && !flushScheduled) {
      flushScheduled = true;
      c.eventLoop()
          .execute(
              () -> {
                flushScheduled = false;
                c.flush();
              });
    }
  }

  @Override
  public void publishing() {
    publishing = true;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    reading = false;
    if (publishing) {
      publishing = false;
      connections.lane.awaitJournal();
    }
    if (!takenOver) {
      ctx.flush();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    updateReading();
  }

  /**
   * Who does not read its responses, or is answered slower than it asks, is not listened to; nor is
   * a caller as long as it is not known what it may do.
   */
  private void updateReading() {
    if (takenOver || over) {
      return;
    }
    Channel c = channel();
    boolean mayRead = c.isWritable() && exchanges.size() < MAX_PIPELINED && waiting == 0;
    if (mayRead != c.config().isAutoRead()) {
      c.config().setAutoRead(mayRead);
    }
  }

  @Override
  public void waiting(int change) {
    waiting += change;
    updateReading();
  }

  /** A stream needs nothing of HTTP any more, and there may be very many of them. */
  @Override
  public StreamOutlet openStream(ResponseHead head, @Nullable String toldAddress) {
    Channel c = channel();
    if (c instanceof DuplexChannel duplex && duplex.isInputShutdown()) {
      closeBehindAnswers(); // the end of the client's side ends a stream
    }
    SseHandler handler = new SseHandler();
    ChannelPipeline pipeline = c.pipeline();
    pipeline.addLast(handler);
    pipeline.remove(this);
    return ChannelOutlet.open(c, handler, connections, head, toldAddress);
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
    boolean waitsForUs = !exchanges.isEmpty() && channel().isWritable();
    if (waitsForUs) {
      return;
    }
    if ((head == null && firstRequestSeen) || closing) {
      channel().close();
      return;
    }
    refuse(RequestProblems.late(options));
  }

  @Override
  public void closeWhenIdle() {
    closing = true;
    if (exchanges.isEmpty()) {
      closeBehindAnswers();
    } else {
      exchanges.getLast().closeAfter = true;
    }
  }

  /** Answers may be written and not be flushed yet, and io_uring takes its time to send them. */
  private void closeBehindAnswers() {
    channel().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  /** The client sends no more, and reads what it is owed. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent && !takenOver) {
      if (head != null) {
        reject(HttpProblem.badRequest("request: the connection ended before it"));
      } else {
        closeWhenIdle();
      }
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    over = true;
    leave();
    abandonExchanges();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof IOException) && !Http2Watch.isTlsFailure(cause)) {
      LOG.error("connection from {} failed", ctx.channel().remoteAddress(), cause);
    }
    ctx.close();
  }
}
