package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.unix.Socket;
import io.ssegateway.engine.Counter;
import io.ssegateway.engine.Message;
import io.ssegateway.transport.netty.testing.OptionalPrograms;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.StreamClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Peers that are gone without a word. NIO cannot set the option that finds them. */
class DeadPeerIT extends GatewayCase {
  private static final int IPPROTO_TCP = 6;
  private static final int TCP_USER_TIMEOUT = 18;
  private static final String LINK = "sse" + ProcessHandle.current().pid() % 1_000_000;
  private static final String NAMESPACE = "ssegateway-" + ProcessHandle.current().pid();
  private static final String HERE = "10.251.77.1";
  private static final String THERE = "10.251.77.2";

  @BeforeEach
  void requireOption() {
    assumeTrue(kind != TransportKind.NIO, "NIO has no TCP_USER_TIMEOUT");
  }

  @Test
  void everyAcceptedSocketHasTheTimeOut() throws Exception {
    start(o -> o.userTimeoutMs(12_345), e -> e);
    try (StreamClient stream = StreamClient.listen(port, "channel_id=a");
        RawClient kept = RawClient.connect(port)) {
      kept.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(kept.answer().status()).isEqualTo(200);
      assertThat(stream.head().status()).isEqualTo(200);

      List<Integer> timeouts = new ArrayList<>();
      for (Socket socket : acceptedSockets()) {
        timeouts.add(socket.getIntOpt(IPPROTO_TCP, TCP_USER_TIMEOUT));
      }
      assertThat(timeouts).containsExactly(12_345, 12_345);
    }
  }

  /** The sockets of this process that are connected and have the gateway's port on this side. */
  private List<Socket> acceptedSockets() throws IOException {
    List<Socket> sockets = new ArrayList<>();
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors.toList()) {
        if (!isSocket(descriptor)) {
          continue;
        }
        Socket socket = new Socket(Integer.parseInt(descriptor.getFileName().toString()));
        if (socket.localAddress() != null
            && socket.localAddress().getPort() == port
            && socket.remoteAddress() != null) {
          sockets.add(socket);
        }
      }
    }
    return sockets;
  }

  private static boolean isSocket(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
    } catch (IOException e) {
      return false; // closed meanwhile
    }
  }

  /** A machine that vanishes: a network namespace whose address is taken away. */
  @Test
  void aPeerThatVanishesIsFoundAndCounted() throws Exception {
    if (!"root".equals(System.getProperty("user.name"))
        || !OptionalPrograms.has("ip")
        || !OptionalPrograms.has("bash")) {
      OptionalPrograms.missing("a network namespace needs root, ip and bash");
    }
    makeNamespace();
    Process peer = null;
    try {
      start(o -> o.host(HERE).userTimeoutMs(1000), e -> e.heartbeatMs(200));
      peer =
          new ProcessBuilder(
                  "ip",
                  "netns",
                  "exec",
                  NAMESPACE,
                  "bash",
                  "-c",
                  "exec 3<>/dev/tcp/"
                      + HERE
                      + "/"
                      + port
                      + "; printf '"
                      + "GET /sse/connect?channel_id=a HTTP/1.1\\r\\n"
                      + "Host: localhost\\r\\n\\r\\n' >&3; cat <&3")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      await("the peer listens", () -> gateway.engine().subscribers().total() == 1);
      gateway.publisher().publish(Message.of("a", "to one who is there"));
      await("it has its event", () -> count(Counter.DELIVERED) == 1);

      ip("-n", NAMESPACE, "addr", "del", THERE + "/30", "dev", "there");

      await("found dead", () -> count(Counter.CLOSED_PEER_DEAD) == 1);
      assertThat(gateway.engine().subscribers().total()).isZero();
      assertThat(count(Counter.CLOSED_BY_CLIENT)).isZero();
    } finally {
      if (peer != null) {
        peer.descendants().forEach(ProcessHandle::destroyForcibly);
        peer.destroyForcibly();
        peer.waitFor(5, TimeUnit.SECONDS);
      }
      removeNamespace();
    }
  }

  private static void removeNamespace() throws Exception {
    OptionalPrograms.run(Path.of("."), List.of("ip", "link", "del", LINK));
    OptionalPrograms.run(Path.of("."), List.of("ip", "netns", "del", NAMESPACE));
  }

  private static void makeNamespace() throws Exception {
    String failure = OptionalPrograms.run(Path.of("."), List.of("ip", "netns", "add", NAMESPACE));
    if (failure != null) {
      OptionalPrograms.missing("no network namespace here: " + failure);
    }
    ip("link", "add", LINK, "type", "veth", "peer", "name", "there", "netns", NAMESPACE);
    ip("addr", "add", HERE + "/30", "dev", LINK);
    ip("link", "set", LINK, "up");
    ip("-n", NAMESPACE, "addr", "add", THERE + "/30", "dev", "there");
    ip("-n", NAMESPACE, "link", "set", "there", "up");
  }

  private static void ip(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    String failure = OptionalPrograms.run(Path.of("."), command);
    if (failure != null) {
      removeNamespace();
      OptionalPrograms.missing("no network namespace here: " + failure);
    }
  }
}
