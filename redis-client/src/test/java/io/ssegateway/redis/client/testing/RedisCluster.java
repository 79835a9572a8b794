package io.ssegateway.redis.client.testing;

import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.cluster.SlotHash;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A Redis Cluster of three masters without replicas, each with a third of the slots. */
public final class RedisCluster implements AutoCloseable {
  private static final int NODES = 3;

  private final List<RedisProcess> nodes = new ArrayList<>();

  private RedisCluster() {}

  /** Starts a cluster; skips the test where there is no Redis. */
  public static RedisCluster start(Path directory) throws IOException {
    RedisCluster cluster = new RedisCluster();
    try {
      cluster.startNodes(directory);
      cluster.join();
    } catch (IOException | RuntimeException e) {
      cluster.close();
      throw e;
    }
    return cluster;
  }

  private void startNodes(Path directory) throws IOException {
    for (int i = 0; i < NODES; i++) {
      Path home = Files.createDirectory(directory.resolve("node" + i));
      nodes.add(
          RedisProcess.start(
              home,
              freePortWithBus(),
              "--cluster-enabled",
              "yes",
              "--cluster-node-timeout",
              "1000"));
    }
  }

  private void join() {
    List<RedisClient> clients =
        nodes.stream().map(node -> RedisClient.create(RedisURI.create(node.uri()))).toList();
    try {
      List<RedisCommands<String, String>> admins =
          clients.stream().map(client -> client.connect().sync()).toList();
      for (int i = 0; i < NODES; i++) {
        admins.get(i).clusterAddSlots(IntStream.range(firstSlot(i), firstSlot(i + 1)).toArray());
        if (i > 0) {
          admins.get(0).clusterMeet("127.0.0.1", nodes.get(i).port());
        }
      }
      await()
          .pollInterval(Duration.ofMillis(10))
          .atMost(Duration.ofSeconds(20))
          .until(() -> admins.stream().allMatch(RedisCluster::isWhole));
    } finally {
      clients.forEach(RedisClient::close);
    }
  }

  private static int firstSlot(int node) {
    return SlotHash.SLOT_COUNT * node / NODES;
  }

  private static boolean isWhole(RedisCommands<String, String> admin) {
    String info = admin.clusterInfo();
    return info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:" + NODES);
  }

  /** A cluster's bus has the port 10000 above. */
  private static int freePortWithBus() {
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

  public List<String> uris() {
    return nodes.stream().map(RedisProcess::uri).toList();
  }

  /** The node that has a key. */
  public RedisProcess nodeOf(String key) {
    int slot = SlotHash.getSlot(key);
    int node = IntStream.range(0, NODES).filter(i -> slot < firstSlot(i + 1)).findFirst().orElse(0);
    return nodes.get(node);
  }

  @Override
  public void close() {
    nodes.forEach(RedisProcess::close);
  }
}
