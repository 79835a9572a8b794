package io.ssegateway.storage.redis;

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
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Lettuce's client for one journal: makes connections that heal by themselves, with a back-off
 * drawn at random. Thread-safe.
 */
final class RedisLink implements AutoCloseable {
  static final RedisCodec<String, byte[]> CODEC =
      RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);

  private static final Duration KEEP_ALIVE = Duration.ofSeconds(10);

  private final RedisConnectionOptions options;
  private final ClientResources resources;
  private final AbstractRedisClient client;

  RedisLink(RedisConnectionOptions options) {
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
        .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
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

  AbstractRedisClient client() {
    return client;
  }

  /** Connects for commands; blocks, and throws if Redis cannot be reached. */
  StatefulConnection<String, byte[]> connect() {
    if (client instanceof RedisClusterClient cluster) {
      return cluster.connect(CODEC);
    }
    return ((RedisClient) client).connect(CODEC);
  }

  /** The commands of a connection that {@link #connect} made. */
  static RedisClusterAsyncCommands<String, byte[]> commands(
      StatefulConnection<String, byte[]> connection) {
    if (connection instanceof StatefulRedisClusterConnection<String, byte[]> cluster) {
      return cluster.async();
    }
    return ((StatefulRedisConnection<String, byte[]>) connection).async();
  }

  /** A random time in ms to wait before the attempt, which is counted from 0. */
  long backOffMs(int attempt) {
    long bound = (long) options.minBackOffMs() << Math.min(attempt, 20);
    bound = Math.min(bound, options.maxBackOffMs());
    return ThreadLocalRandom.current().nextLong(options.minBackOffMs(), bound + 1);
  }

  @Override
  public void close() {
    client.shutdown(0, 2, TimeUnit.SECONDS);
    resources.shutdown(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }

  /** What went wrong, without Lettuce's wrapping. */
  static String reason(Throwable failure) {
    Throwable e = failure;
    while (e.getCause() != null && e.getCause() != e) {
      e = e.getCause();
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
