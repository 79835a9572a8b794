package io.ssegateway.redis.client;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.ssegateway.engine.support.Backoff;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Lettuce's client for one source or journal: makes connections that heal by themselves, with a
 * back-off drawn at random, and lets its owner stop reading from its sockets. Thread-safe.
 */
public final class RedisLink implements AutoCloseable {
  /** Keys and names are text, what is in them is bytes. */
  public static final RedisCodec<String, byte[]> CODEC =
      RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);

  private static final Duration KEEP_ALIVE = Duration.ofSeconds(10);

  private final RedisConnectionOptions options;
  private final ClientResources resources;
  private final AbstractRedisClient client;
  private final Set<Channel> sockets = ConcurrentHashMap.newKeySet();

  /** Makes a client; connects to nothing yet. */
  public RedisLink(RedisConnectionOptions options) {
    this.options = options;
    this.resources =
        ClientResources.builder()
            .ioThreadPoolSize(2)
            .computationThreadPoolSize(2)
            .reconnectDelay(
                Delay.fullJitter(
                    Duration.ofMillis(options.minBackOffMs()),
                    Duration.ofMillis(options.maxBackOffMs()),
                    options.minBackOffMs(),
                    TimeUnit.MILLISECONDS))
            .nettyCustomizer(
                new NettyCustomizer() {
                  @Override
                  public void afterChannelInitialized(Channel socket) {
                    sockets.add(socket);
                    socket.closeFuture().addListener(closed -> sockets.remove(socket));
                  }
                })
            .build();
    List<RedisURI> uris = options.uris().stream().map(RedisURI::create).toList();
    Duration timeout = Duration.ofMillis(options.timeoutMs());
    uris.forEach(uri -> uri.setTimeout(timeout));
    if (options.cluster()) {
      RedisClusterClient cluster = RedisClusterClient.create(resources, uris);
      cluster.setOptions(
          ClusterClientOptions.builder(clientOptions())
              .topologyRefreshOptions(
                  ClusterTopologyRefreshOptions.builder()
                      .enablePeriodicRefresh(Duration.ofSeconds(30))
                      .build())
              .build());
      client = cluster;
    } else {
      RedisClient single = RedisClient.create(resources, uris.get(0));
      single.setOptions(clientOptions());
      client = single;
    }
  }

  private ClientOptions clientOptions() {
    SslOptions.Builder ssl = SslOptions.builder().jdkSslProvider();
    if (options.caCertificates() != null) {
      ssl.trustManager(options.caCertificates().toFile());
    }
    if (options.clientCertificate() != null && options.clientKey() != null) {
      ssl.keyManager(
          options.clientCertificate().toFile(), options.clientKey().toFile(), new char[0]);
    }
    return ClientOptions.builder()
        .autoReconnect(true)
        .disconnectedBehavior(whileDisconnected())
        .timeoutOptions(TimeoutOptions.enabled(Duration.ofMillis(options.timeoutMs())))
        .sslOptions(ssl.build())
        .socketOptions(
            SocketOptions.builder()
                .connectTimeout(Duration.ofMillis(options.timeoutMs()))
                .keepAlive(
                    SocketOptions.KeepAliveOptions.builder()
                        .enable()
                        .idle(KEEP_ALIVE)
                        .interval(KEEP_ALIVE.dividedBy(2))
                        .count(3)
                        .build())
                .build())
        .build();
  }

  /**
   * One server that is away is told at once. A cluster's nodes are connected to when a command
   * first goes there, and that command, and those after a change of the cluster, would be turned
   * away.
   */
  private ClientOptions.DisconnectedBehavior whileDisconnected() {
    return options.cluster()
        ? ClientOptions.DisconnectedBehavior.ACCEPT_COMMANDS
        : ClientOptions.DisconnectedBehavior.REJECT_COMMANDS;
  }

  /** Lettuce's own client, for its listeners. */
  public AbstractRedisClient client() {
    return client;
  }

  /** Connects for Pub/Sub; blocks, and throws if Redis cannot be reached. */
  public StatefulRedisPubSubConnection<String, byte[]> connectPubSub() {
    if (client instanceof RedisClusterClient cluster) {
      return cluster.connectPubSub(CODEC);
    }
    return ((RedisClient) client).connectPubSub(CODEC);
  }

  /** Connects for commands; blocks, and throws if Redis cannot be reached. */
  public StatefulConnection<String, byte[]> connect() {
    if (client instanceof RedisClusterClient cluster) {
      return cluster.connect(CODEC);
    }
    return ((RedisClient) client).connect(CODEC);
  }

  /** The commands of a connection that {@link #connect} made. */
  public static RedisClusterAsyncCommands<String, byte[]> commands(
      StatefulConnection<String, byte[]> connection) {
    if (connection instanceof StatefulRedisClusterConnection<String, byte[]> cluster) {
      return cluster.async();
    }
    return ((StatefulRedisConnection<String, byte[]>) connection).async();
  }

  /** Stops or goes on reading from all sockets that are open now. */
  public void setReading(boolean reading) {
    sockets.forEach(socket -> socket.config().setAutoRead(reading));
  }

  /** The waits of one thread between its attempts, within the bounds of the options. */
  public Backoff newBackoff() {
    return new Backoff(
        options.minBackOffMs(), options.maxBackOffMs(), RandomGenerator.getDefault());
  }

  @Override
  public void close() {
    client.shutdown(0, 2, TimeUnit.SECONDS);
    resources.shutdown(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }

  /** What went wrong, without Lettuce's wrapping. */
  public static String reason(Throwable failure) {
    Throwable e = failure;
    while (e.getCause() != null && e.getCause() != e) {
      e = e.getCause();
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
