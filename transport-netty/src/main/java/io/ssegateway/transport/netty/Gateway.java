package io.ssegateway.transport.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.ssegateway.engine.Engine;
import io.ssegateway.engine.EngineOptions;
import io.ssegateway.engine.EventPublisher;
import io.ssegateway.engine.Lane;
import io.ssegateway.engine.MessageSource;
import io.ssegateway.engine.journal.Journal;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The gateway as a part of a program: an {@link Engine} with an HTTP server in front of it.
 *
 * <pre>{@code
 * try (Gateway gateway = Gateway.builder().port(8080).build()) {
 *   gateway.start();
 *   gateway.publisher().publish(Message.of("news", "hello"));
 *   …
 * }
 * }</pre>
 *
 * Thread-safe. {@link #start} once, then perhaps {@link #drain}, then {@link #close}.
 */
public final class Gateway implements AutoCloseable {
  private static final Set<String> OWN_PATHS =
      Set.of(
          "/sse/connect",
          "/api/send",
          "/api/stats",
          "/api/stats/stream",
          "/api/channels",
          "/api/channels/",
          "/api/connections",
          "/api/connections/",
          "/api/ticket",
          ApiDocumentEndpoint.PATH,
          "/health",
          "/ready");

  private final Engine engine;
  private final GatewayOptions options;
  private final TransportKind transport;
  private final Access access;
  private final Cors cors;
  private final List<AddedEndpoint> endpoints;
  private final Map<String, String> described;
  private final @Nullable TlsOptions tlsOptions;
  private final Http2Options http2;
  private final Admission admission;
  private final CompressionOptions compression;
  private final TransportCounters counters = new TransportCounters();
  private final @Nullable AccessLogWriter accessLog;
  private final Map<EventLoop, HttpConnections> connections = new HashMap<>();
  private @Nullable EventLoopGroup loops;
  private final List<LeanLoop> leanLoops = new ArrayList<>();
  private volatile @Nullable Listener server;
  private final StatsThread statsThread = new StatsThread();
  private volatile @Nullable StatsFeed statsFeed;
  private volatile Map<String, String> methods = Map.of();
  private @Nullable TlsCertificates tls;
  private boolean closed;

  private Gateway(Builder builder) {
    this.options = builder.options;
    this.transport = options.transport().resolve();
    this.cors = new Cors(options.corsOrigins());
    this.access =
        new Access(builder.authenticators, builder.authOptions, cors, InstantSource.system());
    this.endpoints = List.copyOf(builder.endpoints.values());
    this.described = new TreeMap<>(builder.described);
    this.tlsOptions = builder.tls;
    this.http2 = builder.http2;
    this.compression = builder.compression;
    this.accessLog =
        builder.accessLog == null ? null : new AccessLogWriter(builder.accessLog, counters);
    this.engine = builder.engine.lanes(0).build();
    this.admission =
        new Admission(options.maxConnections(), builder.limits, counters, engine::pendingBytes);
  }

  /** A gateway on loopback, port 8080, with a journal in memory and no sources. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Starts the engine and listens.
   *
   * @throws IOException if the address cannot be listened on; everything is closed then
   * @throws IllegalStateException if it was started before
   */
  public synchronized void start() throws IOException {
    if (loops != null || closed) {
      throw new IllegalStateException("the gateway was started before");
    }
    EventLoopGroup group =
        new MultiThreadIoEventLoopGroup(
            options.eventLoops(),
            new DefaultThreadFactory("sse-loop", true),
            transport.ioHandlerFactory());
    loops = group;
    if (accessLog != null) {
      accessLog.start();
    }
    try {
      engine.start();
      listen(group);
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private void listen(EventLoopGroup group) throws IOException {
    for (EventExecutor executor : group) {
      EventLoop loop = (EventLoop) executor;
      Lane lane = engine.addLane(new NettyLaneExecutor(loop));
      HttpConnections ofLoop =
          new HttpConnections(
              loop, lane, options, compression, admission, accessLog, InstantSource.system());
      ofLoop.start();
      connections.put(loop, ofLoop);
    }
    TlsOptions tlsFiles = tlsOptions;
    TlsCertificates certificates =
        tlsFiles == null ? null : TlsCertificates.load(tlsFiles, counters);
    tls = certificates;
    Pipelines pipelines =
        new Pipelines(options, http2, router(), cors, counters, connections, certificates);
    try {
      if (transport == TransportKind.EPOLL && certificates == null) {
        listenLean(group, pipelines);
      } else {
        listenOrdinary(group, pipelines);
      }
    } catch (IOException e) {
      throw new IOException(
          "cannot listen on " + options.host() + ":" + options.port() + ": " + e.getMessage(), e);
    }
  }

  private void listenOrdinary(EventLoopGroup group, Pipelines pipelines) throws IOException {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(group)
            .channel(transport.serverChannelClass())
            .option(ChannelOption.SO_BACKLOG, 4096)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(pipelines.initializer());
    if (options.sendBufferBytes() > 0) {
      bootstrap.childOption(ChannelOption.SO_SNDBUF, options.sendBufferBytes());
    }
    transport.setUserTimeout(bootstrap, options.userTimeoutMs());
    ChannelFuture bound = bootstrap.bind(bindAddress()).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(String.valueOf(bound.cause()), bound.cause());
    }
    Channel channel = bound.channel();
    server =
        new Listener(
            (InetSocketAddress) channel.localAddress(),
            () -> channel.close().awaitUninterruptibly());
  }

  private void listenLean(EventLoopGroup group, Pipelines pipelines) throws IOException {
    for (EventExecutor executor : group) {
      IoEventLoop loop = (IoEventLoop) executor;
      HttpConnections ofLoop = Objects.requireNonNull(connections.get(loop));
      leanLoops.add(
          new LeanLoop(
              loop,
              engine,
              options,
              access,
              cors,
              compression,
              ofLoop,
              pipelines::newDecoder,
              pipelines.initializer()));
    }
    LeanServer lean = new LeanServer(leanLoops, bindAddress(), options);
    server =
        new Listener(
            lean.localAddress(),
            () -> leanLoops.get(0).loop.submit(lean::close).awaitUninterruptibly());
    lean.start();
  }

  private InetSocketAddress bindAddress() throws IOException {
    InetSocketAddress address = new InetSocketAddress(options.host(), options.port());
    if (address.isUnresolved()) {
      throw new IOException("unknown host " + options.host());
    }
    return address;
  }

  /**
   * What accepts connections.
   *
   * @param close returns when it accepts no more: what it hands to a loop that has closed its
   *     connections would never be closed
   */
  private record Listener(InetSocketAddress address, Runnable close) {}

  private Router router() {
    StatsParts stats = new StatsParts(engine, access, statsThread, counters);
    statsFeed = stats.feed();
    Router router =
        new Router()
            .add(
                "/sse/connect",
                new SseEndpoint(engine, options, compression, access, connections, admission))
            .add("/api/send", new PublishEndpoint(engine, access))
            .add("/api/stats", new StatsEndpoint(stats))
            .add("/api/stats/stream", new StatsStreamEndpoint(stats))
            .add("/api/channels", new ChannelsEndpoint(stats))
            .add("/api/channels/", new ChannelEndpoint(stats))
            .add("/api/connections", new ConnectionsEndpoint(stats))
            .add("/api/connections/", new ConnectionEndpoint(stats))
            .add(TicketEndpoint.PATH, new TicketEndpoint(access))
            .add(ApiDocumentEndpoint.PATH, new ApiDocumentEndpoint(ApiDocument.with(described)))
            .add("/health", HealthEndpoint.health(engine))
            .add("/ready", HealthEndpoint.ready(engine));
    for (AddedEndpoint added : endpoints) {
      router.add(added.path, new HandlerEndpoint(added.methods, added.role, added.handler, access));
    }
    methods = router.methods();
    return router;
  }

  /** A path of the program's own. */
  private record AddedEndpoint(
      String path, String methods, @Nullable Role role, HttpHandler handler) {}

  /** The engine. */
  public Engine engine() {
    return engine;
  }

  /** The way in for messages. */
  public EventPublisher publisher() {
    return engine.publisher();
  }

  /** How many listen to the stream of statistics. */
  int statsListeners() {
    StatsFeed feed = statsFeed;
    return feed == null ? 0 : feed.size();
  }

  /** A counter's value. */
  public long count(TransportCounter counter) {
    return counters.get(counter);
  }

  /**
   * The paths that it answers, each with its methods besides OPTIONS, separated by {@code ", "}. A
   * path with a slash at its end stands for every path one step below it. Empty before the start.
   */
  public Map<String, String> paths() {
    return methods;
  }

  /** What each of its event loops serves. */
  Collection<HttpConnections> connections() {
    return connections.values();
  }

  /** Whether it takes TLS connections, and no others. */
  public boolean usesTls() {
    return tlsOptions != null;
  }

  /** What moves the bytes: never {@link TransportKind#AUTO}. */
  public TransportKind transport() {
    return transport;
  }

  /**
   * The address it listens on, with the port that was chosen if port 0 was asked for.
   *
   * @throws IllegalStateException if it does not listen
   */
  public InetSocketAddress address() {
    Listener s = server;
    if (s == null) {
      throw new IllegalStateException("the gateway does not listen (expected: started)");
    }
    return s.address;
  }

  /** The port it listens on; see {@link #address}. */
  public int port() {
    return address().getPort();
  }

  /**
   * Ends gracefully: {@code /ready} fails, sources stop, what was published is delivered, streams
   * are ended over {@link GatewayOptions#drainMs} with a time to come back after. Blocks; {@link
   * #close} is still to be called.
   *
   * @return whether all of it was done in time
   */
  public boolean drain() {
    connections.forEach((loop, ofLoop) -> loop.execute(ofLoop::drain));
    return engine.drain(Duration.ofMillis(options.drainMs()));
  }

  /** Ends at once. Calls after the first do nothing. */
  @Override
  public void close() {
    EventLoopGroup group;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      group = loops;
    }
    Listener s = server;
    if (s != null) {
      s.close.run();
    }
    statsThread.close();
    connections.forEach((loop, ofLoop) -> loop.execute(ofLoop::closeAll));
    engine.close();
    access.close();
    if (group != null) {
      group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(6, TimeUnit.SECONDS);
    }
    leanLoops.forEach(LeanLoop::close);
    connections.values().forEach(HttpConnections::release);
    TlsCertificates certificates = tls;
    if (certificates != null) {
      certificates.close();
    }
    if (accessLog != null) {
      accessLog.close();
    }
  }

  /** Builds a {@link Gateway}. Not thread-safe. */
  public static final class Builder {
    private GatewayOptions options = GatewayOptions.DEFAULTS;
    private final Engine.Builder engine = Engine.builder();
    private final Map<String, AddedEndpoint> endpoints = new HashMap<>();
    private final Map<String, String> described = new HashMap<>();
    private @Nullable TlsOptions tls;
    private Http2Options http2 = Http2Options.DEFAULTS;
    private LimitOptions limits = LimitOptions.DEFAULTS;
    private CompressionOptions compression = CompressionOptions.DEFAULTS;
    private final List<Authenticator> authenticators = new ArrayList<>();
    private AuthOptions authOptions = AuthOptions.DEFAULTS;
    private @Nullable AccessLog accessLog;

    private Builder() {}

    /** Sets all options of the HTTP side. */
    public Builder options(GatewayOptions options) {
      this.options = Objects.requireNonNull(options);
      return this;
    }

    /** Sets the options of the engine. */
    public Builder engineOptions(EngineOptions options) {
      engine.options(options);
      return this;
    }

    /** Sets the address to listen on. */
    public Builder host(String host) {
      options = options.toBuilder().host(host).build();
      return this;
    }

    /** Sets the port to listen on; 0 for any free one. */
    public Builder port(int port) {
      options = options.toBuilder().port(port).build();
      return this;
    }

    /** Takes TLS connections, and no others. */
    public Builder tls(TlsOptions options) {
      tls = options;
      return this;
    }

    /** Sets what one client may take up, and who may speak for another. */
    public Builder limits(LimitOptions options) {
      limits = Objects.requireNonNull(options);
      return this;
    }

    /** Sets which streams are compressed. */
    public Builder compression(CompressionOptions options) {
      compression = Objects.requireNonNull(options);
      return this;
    }

    /** Sets what HTTP/2 connections may do. */
    public Builder http2(Http2Options options) {
      http2 = Objects.requireNonNull(options);
      return this;
    }

    /** Sets the journal; the gateway closes it. */
    public Builder journal(Journal journal) {
      engine.journal(journal);
      return this;
    }

    /** Adds a source; the gateway starts and closes it. */
    public Builder source(MessageSource source) {
      engine.source(source);
      return this;
    }

    /**
     * Adds an authenticator; the gateway closes it. Several are asked in this order, until one
     * knows the credential. Without any, everyone may listen, and whatever needs a role answers to
     * this machine only.
     */
    public Builder authenticator(Authenticator authenticator) {
      authenticators.add(Objects.requireNonNull(authenticator));
      return this;
    }

    /** Sets how callers are recognised. */
    public Builder authOptions(AuthOptions options) {
      authOptions = Objects.requireNonNull(options);
      return this;
    }

    /** Tells of each finished request and stream; the gateway closes it. By default nowhere. */
    public Builder accessLog(AccessLog log) {
      accessLog = Objects.requireNonNull(log);
      return this;
    }

    /**
     * Adds a path of the program's own that anybody may ask, unless the handler checks, as by
     * {@link HttpCall#require}.
     *
     * @param path such as {@code /time}, or with a slash at its end, such as {@code /webhook/}, for
     *     every path one step below it
     * @param methods the methods it answers, separated by {@code ", "}; others are refused by 405
     * @throws IllegalArgumentException if the path is taken or does not begin with a slash
     */
    public Builder endpoint(String path, String methods, HttpHandler handler) {
      return add(path, methods, null, handler);
    }

    /**
     * Adds a path of the program's own for callers with a role; anybody else is refused by 401 or
     * 403, and the handler does not hear of it.
     *
     * @param path as above
     * @param methods as above
     * @throws IllegalArgumentException as above
     */
    public Builder endpoint(String path, String methods, Role role, HttpHandler handler) {
      return add(path, methods, Objects.requireNonNull(role), handler);
    }

    private Builder add(String path, String methods, @Nullable Role role, HttpHandler handler) {
      if (!path.startsWith("/") || OWN_PATHS.contains(path) || endpoints.containsKey(path)) {
        throw new IllegalArgumentException(
            "path: \"" + path + "\" (expected: to begin with a slash, and not in use)");
      }
      endpoints.put(path, new AddedEndpoint(path, methods, role, Objects.requireNonNull(handler)));
      return this;
    }

    /**
     * Describes a path of the program's own in the OpenAPI document that {@code /openapi.json}
     * answers. The document is for everybody, and so is the description.
     *
     * @param path as OpenAPI writes it, such as {@code /webhook/{name}}
     * @param pathItem a Path Item Object of OpenAPI 3.1 as JSON; it may refer to the components of
     *     the document, such as {@code #/components/responses/Unauthorized}
     * @throws IllegalArgumentException if it is no JSON object
     */
    public Builder describe(String path, String pathItem) {
      ApiDocument.requireObject(path, pathItem);
      described.put(path, pathItem);
      return this;
    }

    /**
     * Builds the gateway; nothing runs until {@link Gateway#start}.
     *
     * @throws IllegalStateException if a native transport was asked for and does not load
     */
    public Gateway build() {
      return new Gateway(this);
    }
  }
}
