package io.ssegateway.sources.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.sync.RedisAdvancedClusterCommands;
import io.ssegateway.engine.Engine;
import io.ssegateway.engine.MessageSource;
import io.ssegateway.engine.SourceStats;
import io.ssegateway.sources.redis.RedisPubSubOptions.Mode;
import io.ssegateway.sources.redis.RedisStreamsOptions.Stream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
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

  /** A cluster's bus has the port 10000 above. */
  private static int freePortForCluster() {
    for (int i = 0; i < 1_000; i++) {
      int port = RedisProcess.freePort() % 20_000 + 10_000;
      if (isFree(port) && isFree(port + 10_000)) {
        return port;
      }
    }
    throw new IllegalStateException("no two free ports");
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  private List<RedisProcess> startCluster() throws IOException {
    List<RedisProcess> nodes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Path home = Files.createDirectory(directory.resolve("node" + i));
      RedisProcess node =
          RedisProcess.start(
              home,
              freePortForCluster(),
              "--cluster-enabled",
              "yes",
              "--cluster-node-timeout",
              "2000");
      nodes.add(node);
      open.add(node);
    }
    List<RedisCommands<String, String>> admins = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      RedisClient client = RedisClient.create(RedisURI.create(nodes.get(i).uri()));
      open.add(client);
      RedisCommands<String, String> admin = client.connect().sync();
      admins.add(admin);
      int[] slots = IntStream.range(16_384 * i / 3, 16_384 * (i + 1) / 3).toArray();
      admin.clusterAddSlots(slots);
    }
    for (int i = 1; i < 3; i++) {
      admins.get(0).clusterMeet("127.0.0.1", nodes.get(i).port());
    }
    await()
        .until(
            () ->
                admins.stream()
                    .allMatch(
                        admin ->
                            admin.clusterInfo().contains("cluster_state:ok")
                                && admin.clusterInfo().contains("cluster_known_nodes:3")));
    return nodes;
  }

  @Test
  void inAClusterPatternsShardedChannelsAndStreamsAreHeard() throws IOException {
    List<RedisProcess> nodes = startCluster();
    List<String> uris = nodes.stream().map(RedisProcess::uri).toList();
    RedisConnectionOptions connection =
        RedisConnectionOptions.builder(uris).cluster(true).backOffMs(10, 200).build();
    RedisPubSubSource patterns = new RedisPubSubSource(RedisPubSubOptions.of(connection));
    RedisPubSubSource sharded =
        new RedisPubSubSource(
            RedisPubSubOptions.builder(connection).name("sharded").mode(Mode.SHARDED).build());
    RedisStreamsSource streams =
        new RedisStreamsSource(
            RedisStreamsOptions.builder(
                    connection, List.of(new Stream("s1", "a"), new Stream("s2", "a")))
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
  void aServerIsFoundThroughItsSentinel() throws IOException {
    RedisProcess master = RedisProcess.start(directory);
    open.add(master);
    int port = RedisProcess.freePort();
    Path config = directory.resolve("sentinel.conf");
    Files.writeString(
        config,
        """
        bind 127.0.0.1
        port %d
        dir %s
        sentinel monitor main 127.0.0.1 %d 1
        """
            .formatted(port, directory, master.port()));
    Process sentinel =
        new ProcessBuilder("redis-server", config.toString(), "--sentinel")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    open.add(sentinel::destroyForcibly);
    RedisPubSubSource source =
        new RedisPubSubSource(
            RedisPubSubOptions.of(
                RedisConnectionOptions.builder(
                        List.of("redis-sentinel://127.0.0.1:" + port + "#main"))
                    .backOffMs(10, 200)
                    .build()));
    Engine engine = engine(source);
    Listener a = Listener.on(engine, "a");
    awaitUp(source);

    RedisClient client = RedisClient.create(RedisURI.create(master.uri()));
    open.add(client);
    client.connect().sync().publish("sse:a", "hello");

    await().until(() -> a.data().contains("hello"));
  }

  // ---- TLS ----

  @Test
  void anEncryptedServerIsCheckedByItsCertificate() throws Exception {
    RedisProcess.requireRedis();
    Path certificate = directory.resolve("cert.pem");
    Path key = directory.resolve("key.pem");
    makeCertificate(certificate, key);
    int port = RedisProcess.freePort();
    open.add(
        RedisProcess.start(
            directory,
            port,
            "--port",
            "0",
            "--tls-port",
            Integer.toString(port),
            "--tls-cert-file",
            certificate.toString(),
            "--tls-key-file",
            key.toString(),
            "--tls-ca-cert-file",
            certificate.toString(),
            "--requirepass",
            "s3cret"));
    String uri = "rediss://:s3cret@127.0.0.1:" + port;
    RedisPubSubSource source =
        new RedisPubSubSource(
            RedisPubSubOptions.of(
                RedisConnectionOptions.builder(List.of(uri))
                    .caCertificates(certificate)
                    .clientCertificate(certificate, key)
                    .backOffMs(10, 200)
                    .build()));
    RedisPubSubSource distrustful =
        new RedisPubSubSource(
            RedisPubSubOptions.builder(
                    RedisConnectionOptions.builder(List.of(uri))
                        .clientCertificate(certificate, key)
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
                .caCertificates(certificate)
                .clientCertificate(certificate, key)
                .build());
    open.add(link);
    RedisLink.commands(link.connect()).publish("sse:a", bytes("secret")).get();

    await().until(() -> a.data().contains("secret"));
    assertThat(distrustful.health().up()).isFalse();
    assertThat(distrustful.stats().received()).isZero();
  }

  private static void makeCertificate(Path certificate, Path key) throws Exception {
    Process process;
    try {
      process =
          new ProcessBuilder(
                  "openssl",
                  "req",
                  "-x509",
                  "-newkey",
                  "rsa:2048",
                  "-nodes",
                  "-keyout",
                  key.toString(),
                  "-out",
                  certificate.toString(),
                  "-days",
                  "2",
                  "-subj",
                  "/CN=localhost",
                  "-addext",
                  "subjectAltName=DNS:localhost,IP:127.0.0.1")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      if ("true".equals(System.getenv("SSE_GATEWAY_REQUIRE_OPTIONAL"))) {
        fail("openssl is not installed, and SSE_GATEWAY_REQUIRE_OPTIONAL=true");
      }
      assumeTrue(false, "openssl is not installed");
      return;
    }
    assertThat(process.waitFor()).isZero();
  }
}
