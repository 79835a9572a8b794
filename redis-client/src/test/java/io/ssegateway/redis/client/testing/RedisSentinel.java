package io.ssegateway.redis.client.testing;

import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.sentinel.api.sync.RedisSentinelCommands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A master, a replica and three sentinels that watch them, quick to judge: a master that does not
 * answer for a second is replaced.
 */
public final class RedisSentinel implements AutoCloseable {
  private static final int SENTINELS = 3;
  private static final String MASTER = "main";

  private final RedisProcess master;
  private final RedisProcess replica;
  private final List<RedisProcess> sentinels = new ArrayList<>();

  private RedisSentinel(RedisProcess master, RedisProcess replica) {
    this.master = master;
    this.replica = replica;
  }

  /** Starts all of it and waits until the sentinels know each other and the replica. */
  public static RedisSentinel start(Path directory) throws IOException {
    RedisProcess master =
        RedisProcess.start(
            Files.createDirectory(directory.resolve("master")), "--repl-diskless-sync-delay", "0");
    RedisProcess replica =
        RedisProcess.start(
            Files.createDirectory(directory.resolve("replica")),
            "--replicaof",
            "127.0.0.1 " + master.port());
    RedisSentinel setup = new RedisSentinel(master, replica);
    try {
      setup.startSentinels(directory);
      setup.awaitKnown();
    } catch (IOException | RuntimeException e) {
      setup.close();
      throw e;
    }
    return setup;
  }

  private void startSentinels(Path directory) throws IOException {
    for (int i = 0; i < SENTINELS; i++) {
      Path home = Files.createDirectory(directory.resolve("sentinel" + i));
      int port = RedisProcess.freePort();
      Path configuration = home.resolve("sentinel.conf");
      Files.writeString(
          configuration,
          """
          bind 127.0.0.1
          port %1$d
          dir %2$s
          sentinel monitor %3$s 127.0.0.1 %4$d 2
          sentinel down-after-milliseconds %3$s 1000
          sentinel failover-timeout %3$s 3000
          """
              .formatted(port, home, MASTER, master.port()));
      sentinels.add(RedisProcess.startSentinel(home, port, configuration));
    }
  }

  private void awaitKnown() {
    for (RedisProcess sentinel : sentinels) {
      try (RedisClient client = RedisClient.create(RedisURI.create(sentinel.uri()))) {
        RedisSentinelCommands<String, String> commands = client.connectSentinel().sync();
        await()
            .pollInterval(Duration.ofMillis(20))
            .atMost(Duration.ofSeconds(30))
            .until(() -> knowsAll(commands.master(MASTER)));
      }
    }
  }

  private static boolean knowsAll(Map<String, String> state) {
    return "1".equals(state.get("num-slaves"))
        && Integer.toString(SENTINELS - 1).equals(state.get("num-other-sentinels"));
  }

  /** The URI that leads to the master, whoever that is. */
  public String uri() {
    return "redis-sentinel://"
        + String.join(
            ",", sentinels.stream().map(sentinel -> "127.0.0.1:" + sentinel.port()).toList())
        + "#"
        + MASTER;
  }

  /** The first master. */
  public RedisProcess master() {
    return master;
  }

  /** What becomes the master when the first is gone. */
  public RedisProcess replica() {
    return replica;
  }

  @Override
  public void close() {
    sentinels.forEach(RedisProcess::close);
    replica.close();
    master.close();
  }
}
