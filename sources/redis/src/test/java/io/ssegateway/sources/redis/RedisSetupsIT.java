package io.ssegateway.sources.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.sync.RedisAdvancedClusterCommands;
import io.ssegateway.engine.Engine;
import io.ssegateway.engine.MessageSource;
import io.ssegateway.engine.SourceStats;
import io.ssegateway.redis.client.RedisConnectionOptions;
import io.ssegateway.redis.client.RedisLink;
import io.ssegateway.redis.client.testing.Certificate;
import io.ssegateway.redis.client.testing.RedisCluster;
import io.ssegateway.redis.client.testing.RedisProcess;
import io.ssegateway.redis.client.testing.RedisSentinel;
import io.ssegateway.sources.redis.RedisPubSubOptions.Mode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clusters, sentinels and TLS. */
class RedisSetupsIT {
  @TempDir Path directory;
  private final List<AutoCloseable> open = new ArrayList<>();

  @BeforeAll
  static void patience() {
    Awaitility.setDefaultTimeout(Duration.ofSeconds(20));
    Awaitility.setDefaultPollInterval(Duration.ofMillis(10));
  }

  @AfterEach
  void closeAll() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  private Engine engine(MessageSource... sources) {
    Engine.Builder builder = Engine.builder();
    for (MessageSource source : sources) {
      builder.source(source);
    }
    Engine engine = builder.build();
    open.add(engine);
    engine.start();
    return engine;
  }

  private static void awaitUp(MessageSource source) {
    await().untilAsserted(() -> assertThat(source.health().detail()).isEmpty());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  // ---- cluster ----

  @Test
  void inAClusterPatternsShardedChannelsAndStreamsAreHeard() throws IOException {
    RedisCluster cluster = RedisCluster.start(directory);
    open.add(cluster);
    List<String> uris = cluster.uris();
    RedisConnectionOptions connection =
        RedisConnectionOptions.builder(uris).cluster(true).backOffMs(10, 200).build();
    RedisPubSubSource patterns = new RedisPubSubSource(RedisPubSubOptions.of(connection));
    RedisPubSubSource sharded =
        new RedisPubSubSource(
            RedisPubSubOptions.builder(connection).name("sharded").mode(Mode.SHARDED).build());
    RedisStreamsSource streams =
        new RedisStreamsSource(
            RedisStreamsOptions.builder(
                    connection,
                    List.of(
                        new RedisStreamsOptions.Stream("s1", "a"),
                        new RedisStreamsOptions.Stream("s2", "a")))
                .build());
    Engine engine = engine(patterns, sharded, streams);
    Listener a = Listener.on(engine, "a");
    Listener b = Listener.on(engine, "b");
    Listener c = Listener.on(engine, "c");
    awaitUp(patterns);
    awaitUp(sharded);
    awaitUp(streams);
    RedisClusterClient client = RedisClusterClient.create(RedisURI.create(uris.get(0)));
    open.add(client);
    RedisAdvancedClusterCommands<String, byte[]> commands = client.connect(RedisLink.CODEC).sync();

    commands.publish("sse:a", bytes("published"));
    await().until(() -> a.data().contains("published"));
    for (Listener listener : List.of(a, b, c)) {
      String channel = List.of("a", "b", "c").get(List.of(a, b, c).indexOf(listener));
      await()
          .until(
              () -> {
                commands.spublish("sse:" + channel, bytes("sharded to " + channel));
                return listener.data().contains("sharded to " + channel);
              });
    }
    commands.xadd("s1", Map.of("data", bytes("one")));
    commands.xadd("s2", Map.of("data", bytes("two")));
    await().until(() -> a.data().containsAll(List.of("one", "two")));
    SourceStats stats = sharded.stats();
    assertThat(stats.received()).isGreaterThanOrEqualTo(3);
    assertThat(stats.invalid()).isZero();
  }

  // ---- sentinel ----

  @Test
  void sourcesFollowTheirSentinelsToTheNextMaster() throws IOException {
    RedisSentinel setup = RedisSentinel.start(directory);
    open.add(setup);
    RedisConnectionOptions connection =
        RedisConnectionOptions.builder(List.of(setup.uri())).backOffMs(10, 200).build();
    RedisPubSubSource published = new RedisPubSubSource(RedisPubSubOptions.of(connection));
    RedisStreamsSource streams =
        new RedisStreamsSource(
            RedisStreamsOptions.builder(
                    connection, List.of(new RedisStreamsOptions.Stream("s", "a")))
                .build());
    Engine engine = engine(published, streams);
    Listener a = Listener.on(engine, "a");
    awaitUp(published);
    awaitUp(streams);
    RedisCommands<String, String> first = commands(setup.master());
    first.publish("sse:a", "published 1");
    first.xadd("s", Map.of("data", "added 1"));
    await().until(() -> a.data().containsAll(List.of("published 1", "added 1")));
    await().until(() -> first.waitForReplication(1, 100) == 1);

    setup.master().kill();
    await().until(() -> !published.health().up() && !streams.health().up());
    awaitUp(published);
    awaitUp(streams);
    RedisCommands<String, String> second = commands(setup.replica());
    second.publish("sse:a", "published 2");
    second.xadd("s", Map.of("data", "added 2"));

    await().until(() -> a.data().containsAll(List.of("published 2", "added 2")));
    assertThat(a.data())
        .containsExactlyInAnyOrder("published 1", "added 1", "published 2", "added 2");
    assertThat(streams.holes()).isZero();
  }

  private RedisCommands<String, String> commands(RedisProcess redis) {
    RedisClient client = RedisClient.create(RedisURI.create(redis.uri()));
    open.add(client);
    return client.connect().sync();
  }

  // ---- TLS ----

  @Test
  void anEncryptedServerIsCheckedByItsCertificate() throws Exception {
    Certificate own = Certificate.make(directory);
    int port = RedisProcess.freePort();
    open.add(
        RedisProcess.start(
            directory,
            port,
            Stream.concat(
                    Arrays.stream(own.serverArguments(port)), Stream.of("--requirepass", "s3cret"))
                .toArray(String[]::new)));
    String uri = "rediss://:s3cret@127.0.0.1:" + port;
    RedisPubSubSource source =
        new RedisPubSubSource(
            RedisPubSubOptions.of(
                RedisConnectionOptions.builder(List.of(uri))
                    .caCertificates(own.certificate())
                    .clientCertificate(own.certificate(), own.key())
                    .backOffMs(10, 200)
                    .build()));
    RedisPubSubSource distrustful =
        new RedisPubSubSource(
            RedisPubSubOptions.builder(
                    RedisConnectionOptions.builder(List.of(uri))
                        .clientCertificate(own.certificate(), own.key())
                        .backOffMs(10, 200)
                        .build())
                .name("distrustful")
                .build());
    Engine engine = engine(source, distrustful);
    Listener a = Listener.on(engine, "a");
    awaitUp(source);

    RedisLink link =
        new RedisLink(
            RedisConnectionOptions.builder(List.of(uri))
                .caCertificates(own.certificate())
                .clientCertificate(own.certificate(), own.key())
                .build());
    open.add(link);
    RedisLink.commands(link.connect()).publish("sse:a", bytes("secret")).get();

    await().until(() -> a.data().contains("secret"));
    assertThat(distrustful.health().up()).isFalse();
    assertThat(distrustful.stats().received()).isZero();
  }
}
