package io.ssegateway.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.epoll.AcceptedSockets;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Socket;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.ReferenceCountUtil;
import io.ssegateway.engine.Engine;
import io.ssegateway.engine.LanePace;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the {@link LeanSocket}s of one event loop share: a buffer to read into, a decoder, and the
 * way back to an ordinary channel. Owned by the event loop.
 */
final class LeanLoop {
  private static final byte[] START =
      ("GET " + StreamRequest.PATH).getBytes(StandardCharsets.US_ASCII);
  private static final byte[] END = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int READ_BYTES = 16 * 1024;

  final IoEventLoop loop;
  final GatewayOptions options;
  final HttpConnections connections;
  final ByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;

  private final Engine engine;
  private final Access access;
  private final Cors cors;
  private final CompressionOptions compression;
  private final ChannelInitializer<EpollSocketChannel> ordinary;
  private final Supplier<HttpRequestDecoder> decoders;
  private final ByteBuf readBuffer;
  private @Nullable EmbeddedChannel decoder;

  LeanLoop(
      IoEventLoop loop,
      Engine engine,
      GatewayOptions options,
      Access access,
      Cors cors,
      CompressionOptions compression,
      HttpConnections connections,
      Supplier<HttpRequestDecoder> decoders,
      ChannelInitializer<EpollSocketChannel> ordinary) {
    this.loop = loop;
    this.engine = engine;
    this.options = options;
    this.access = access;
    this.cors = cors;
    this.compression = compression;
    this.connections = connections;
    this.decoders = decoders;
    this.ordinary = ordinary;
    this.readBuffer = allocator.directBuffer(READ_BYTES, READ_BYTES);
  }

  /** An empty buffer to read into; every socket of the loop uses the same. */
  ByteBuf readBuffer() {
    return readBuffer.clear();
  }

  /**
   * A request for a stream.
   *
   * @param headers its headers
   * @param place held for it
   * @param toldAddress whom a proxy speaks for, for people to read; null if none does
   * @param record for the access log; null if there is none
   * @param credentials what is to be decided on first; null if streams are for everyone
   */
  record Accepted(
      StreamRequest request,
      HttpHeaders headers,
      Admission.Place place,
      @Nullable String toldAddress,
      @Nullable AccessRecord record,
      @Nullable AuthenticationRequest credentials) {}

  /** Decides, at once or later, whether a stream may begin. */
  void admit(AuthenticationRequest credentials, Access.Decision decision) {
    access.admit(credentials, loop, decision);
  }

  /** How the loop's time is shared. Any thread. */
  LanePace pace() {
    return connections.lane.pace();
  }

  /** The loop's time in ns, as the pace counts it. */
  long nanoTime() {
    return connections.lane.executor().nanoTime();
  }

  /** Makes sure that streams may begin. */
  void requireRunning() {
    StreamRequest.requireRunning(engine);
  }

  /** The coding of a stream, or null. */
  CompressionOptions.@Nullable Coding coding(HttpHeaders request) {
    return compression.codings().isEmpty()
        ? null
        : AcceptEncoding.choose(request.getAll("Accept-Encoding"), compression.codings());
  }

  /** The head of a stream. */
  ByteBuf head(HttpHeaders request, CompressionOptions.@Nullable Coding coding) {
    boolean negotiable = !compression.codings().isEmpty();
    return Responses.streamHead(cors, request, negotiable, coding).toHttp1(allocator, true, 128);
  }

  /**
   * A refusal, after which the connection ends.
   *
   * @param record told of it, or null
   */
  ByteBuf refusal(HttpProblem problem, HttpHeaders request, @Nullable AccessRecord record) {
    Admission admission = connections.admission;
    admission.count(problem);
    byte[] stream = admission.streamInstead(problem);
    Response response =
        stream != null
            ? Responses.endingStream(stream, cors, request)
            : Responses.refusal(problem, cors, request);
    if (record != null) {
      record.answered(response.head().status(), response.content().length);
    }
    return response.toHttp1(allocator, true);
  }

  /**
   * The answer to a peer that asked for nothing in time.
   *
   * @param socket asked for the peer's address if that is needed
   * @param told whom a proxy has said by a PROXY header that it speaks for, or null
   */
  ByteBuf late(Socket socket, @Nullable InetSocketAddress told) {
    HttpProblem problem = RequestProblems.late(options);
    connections.admission.count(problem);
    Response response = Responses.of(problem, null);
    if (connections.accessLog != null) {
      connections.unread(
          told != null ? told : socket.remoteAddress(),
          AccessRecord.UNKNOWN,
          response.head().status(),
          response.content().length);
    }
    return response.toHttp1(allocator, true);
  }

  /**
   * Understands what was read if it is one whole, plain and acceptable request for a stream.
   *
   * @param socket asked for the peer's address if that is needed
   * @param told whom a proxy has said by a PROXY header that it speaks for, or null
   * @return null if it is anything else, which is then for an ordinary channel to answer
   */
  @Nullable Accepted accept(ByteBuf bytes, Socket socket, @Nullable InetSocketAddress told) {
    if (!startsWith(bytes, START) || !endsWith(bytes, END)) {
      return null;
    }
    EmbeddedChannel d = decoder;
    if (d == null) {
      // inside of another handler, where tracing agents do not look for it: they would begin a
      // span of each request, and nothing that is written here would end it
      d =
          new EmbeddedChannel(
              new CombinedChannelDuplexHandler<>(
                  decoders.get(), new ChannelOutboundHandlerAdapter()));
      decoder = d;
    }
    d.writeInbound(bytes.retainedDuplicate());
    Object request = d.readInbound();
    Object end = d.readInbound();
    Object more = d.readInbound();
    try {
      if (request instanceof HttpRequest http
          && http.decoderResult().isSuccess()
          && http.method().equals(HttpMethod.GET)
          && end instanceof LastHttpContent last
          && !last.content().isReadable()
          && more == null) {
        return accept(http, socket, told);
      }
      resetDecoder();
      return null;
    } finally {
      ReferenceCountUtil.release(request);
      ReferenceCountUtil.release(end);
      ReferenceCountUtil.release(more);
    }
  }

  private @Nullable Accepted accept(
      HttpRequest http, Socket socket, @Nullable InetSocketAddress told) {
    try {
      QueryStringDecoder uri = RequestTarget.of(http.uri(), options);
      if (!uri.path().equals(StreamRequest.PATH)) {
        return null;
      }
      StreamRequest request = StreamRequest.of(uri, http.headers(), engine, options);
      AuthenticationRequest credentials = null;
      Admission admission = connections.admission;
      InetSocketAddress peer = told;
      AccessLogWriter log = connections.accessLog;
      if (peer == null && (admission.needsAddress() || !access.isOpen() || log != null)) {
        peer = socket.remoteAddress();
      }
      InetAddress client =
          peer == null ? null : admission.client(peer.getAddress(), http.headers());
      if (!access.isOpen()) {
        credentials =
            new AuthenticationRequest(
                http.method().name(),
                StreamRequest.PATH,
                http.headers(),
                uri.parameters(),
                request.channels(),
                client,
                access.options());
      }
      Admission.Place place = admission.tryEnter(client);
      if (place == null) {
        return null;
      }
      if (!admission.takesRequest(client)) {
        place.release();
        return null;
      }
      String toldAddress = admission.toldAddress(peer, told != null, client);
      AccessRecord record =
          log == null
              ? null
              : new AccessRecord(
                  log,
                  client,
                  http.protocolVersion().text(),
                  http.method().name(),
                  StreamRequest.PATH,
                  http.headers());
      return new Accepted(request, http.headers(), place, toldAddress, record, credentials);
    } catch (HttpProblem | IllegalArgumentException e) {
      return null; // the ordinary way refuses it, with the reason
    }
  }

  private void resetDecoder() {
    EmbeddedChannel d = decoder;
    decoder = null;
    if (d != null) {
      d.finishAndReleaseAll();
    }
  }

  private static boolean startsWith(ByteBuf bytes, byte[] start) {
    if (bytes.readableBytes() < start.length) {
      return false;
    }
    for (int i = 0; i < start.length; i++) {
      if (bytes.getByte(bytes.readerIndex() + i) != start[i]) {
        return false;
      }
    }
    return true;
  }

  private static boolean endsWith(ByteBuf bytes, byte[] end) {
    for (int i = 0; i < end.length; i++) {
      if (bytes.getByte(bytes.writerIndex() - end.length + i) != end[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * Goes on with a socket as an ordinary channel that has just read these bytes.
   *
   * @param told whom a proxy has said by a PROXY header that it speaks for, or null
   */
  void handOver(int descriptor, ByteBuf bytes, @Nullable InetSocketAddress told) {
    EpollSocketChannel channel = AcceptedSockets.channel(LeanParent.INSTANCE, descriptor);
    if (told != null) {
      PeerAddress.tell(channel, told);
    }
    FirstBytes first = new FirstBytes(allocator.buffer(bytes.readableBytes()).writeBytes(bytes));
    channel.pipeline().addLast(first, ordinary);
    EventLoop owner = loop;
    owner
        .register(channel)
        .addListener(
            registered -> {
              if (!registered.isSuccess()) {
                first.drop();
                channel.close();
              }
            });
  }

  /** Releases what is shared. */
  void close() {
    resetDecoder();
    readBuffer.release();
  }
}
