package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ssegateway.engine.EngineOptions;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.journal.MemoryJournal;
import io.ssegateway.transport.netty.testing.Http2Raw;
import io.ssegateway.transport.netty.testing.HttpAnswer;
import io.ssegateway.transport.netty.testing.OptionalPrograms;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.StreamClient;
import io.ssegateway.transport.netty.testing.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that begin with a header of the PROXY protocol, or should. */
class ProxyProtocolIT extends GatewayCase {
  private static final String V1 = "PROXY TCP4 192.0.2.7 192.0.2.1 4711 80\r\n";
  private static final String STATS = "GET /api/stats HTTP/1.1\r\nHost: localhost\r\n\r\n";
  private static final byte[] SIGNATURE = {
    0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a
  };
  private static final TestCertificate CERTIFICATE = TestCertificate.of("first", "EC");

  @TempDir Path directory;

  private void start(String trusted, boolean tls) throws IOException {
    Gateway.Builder builder =
        Gateway.builder()
            .options(
                GatewayOptions.DEFAULTS.toBuilder()
                    .port(0)
                    .transport(kind)
                    .eventLoops(2)
                    .headerTimeoutMs(1000)
                    .build())
            .engineOptions(EngineOptions.DEFAULTS)
            .journal(new MemoryJournal())
            .limits(
                LimitOptions.builder()
                    .maxStreamsPerAddress(2)
                    .trustedProxies(List.of(trusted))
                    .proxyProtocol(true)
                    .build());
    if (tls) {
      Path certificate = directory.resolve("tls.crt");
      Path key = directory.resolve("tls.key");
      CERTIFICATE.write(certificate, key);
      builder.tls(new TlsOptions(certificate, key, 1000));
    }
    gateway = builder.build();
    gateway.start();
    port = gateway.port();
  }

  /** A header of version 2: command 0 is LOCAL, 1 is PROXY; family 0x11 is TCP over IPv4. */
  private static byte[] v2(int command, int family, byte[] addresses) {
    return ByteBuffer.allocate(16 + addresses.length)
        .put(SIGNATURE)
        .put((byte) (0x20 | command))
        .put((byte) family)
        .putShort((short) addresses.length)
        .put(addresses)
        .array();
  }

  private static byte[] v2Tcp4() {
    return v2(1, 0x11, new byte[] {(byte) 198, 51, 100, 9, 127, 0, 0, 1, 0x12, 0x34, 0, 80});
  }

  private List<String> addresses() {
    return gateway
        .engine()
        .connections(io.ssegateway.engine.ConnectionQuery.page(0, 10))
        .join()
        .rows()
        .stream()
        .map(io.ssegateway.engine.ConnectionInfo::remoteAddress)
        .sorted()
        .toList();
  }

  @Test
  void aHeaderTellsTheClientHoweverItIsCutAndWhateverFollows() throws Exception {
    start("127.0.0.0/8", false);
    String stream = StreamClient.request("channel_id=a");
    byte[] v2 = v2Tcp4();
    try (RawClient together = RawClient.connect(port);
        RawClient apart = RawClient.connect(port);
        RawClient cut = RawClient.connect(port);
        RawClient other = RawClient.connect(port)) {
      together.send(V1 + stream);
      try (StreamClient first = new StreamClient(together)) {
        first.next();
        apart.send(v2);
        await("the header is read before the request", () -> addresses().size() == 1);
        apart.send(stream);
        cut.send(java.util.Arrays.copyOf(v2, 20));
        try (StreamClient second = new StreamClient(apart)) {
          second.next();
          cut.send(java.util.Arrays.copyOfRange(v2, 20, v2.length)).send(stream);
          other.send(V1.replace("4711", "4712") + "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n");
          assertThat(other.answer().status()).isEqualTo(404);
          try (StreamClient third = new StreamClient(cut)) {
            third.next();
            assertThat(addresses())
                .containsExactly("192.0.2.7:4711", "198.51.100.9:4660", "198.51.100.9:4660");
            gateway.publisher().publish(Message.of("a", "to all"));
            assertThat(first.nextEvent().data()).isEqualTo("to all");
            assertThat(second.nextEvent().data()).isEqualTo("to all");
            assertThat(third.nextEvent().data()).isEqualTo("to all");
            assertThat(exchange(v2, stream).status()).isEqualTo(503);
          }
        }
      }
    }
    assertThat(gateway.count(TransportCounter.REFUSED_PROXY)).isZero();
    assertThat(gateway.count(TransportCounter.REFUSED_ADDRESS)).isEqualTo(1);
  }

  private HttpAnswer exchange(byte[] header, String request) throws IOException {
    try (RawClient client = RawClient.connect(port)) {
      return client.send(header).send(request).answer();
    }
  }

  /** Neither whom a proxy on this machine speaks for, nor the proxy itself, is an operator. */
  @Test
  void whoComesThroughAProxyIsNeverFromLoopback() throws Exception {
    start("127.0.0.1", false);
    byte[] loopback = v2(1, 0x11, new byte[] {127, 0, 0, 1, 127, 0, 0, 1, 0x12, 0x34, 0, 80});

    assertThat(exchange(loopback, STATS).status()).isEqualTo(403);
    assertThat(exchange(v2(0, 0, new byte[0]), STATS).status()).isEqualTo(403);
    assertThat(exchange("PROXY UNKNOWN\r\n".getBytes(StandardCharsets.US_ASCII), STATS).status())
        .isEqualTo(403);
    assertThat(exchange(v2(0, 0, new byte[0]), "GET /health HTTP/1.1\r\nHost: a\r\n\r\n").status())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 4711\r\n",
        "PROXY TCP4 nobody 192.0.2.1 4711 80\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 4711 99999\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\r\n\r\n\0\r\nQUIT\n1\u0011\0\0",
        "\r\n\r\n\0\r\nQUIT\n!\u0011\0\u0004abcd",
        "PROXY TCP4 1111111111111111111111111111111111111111111111111111111111111111111111111111111"
            + "1111111111111111111111111111111111111111111"
      })
  void aConnectionThatBeginsOtherwiseIsClosedAndCounted(String beginning) throws Exception {
    start("127.0.0.0/8", false);
    try (RawClient client = RawClient.connect(port)) {
      client.send(beginning.getBytes(StandardCharsets.ISO_8859_1));

      assertThat(client.readToEnd()).isEmpty();
    }
    await("counted", () -> gateway.count(TransportCounter.REFUSED_PROXY) == 1);
  }

  @Test
  void aPeerThatIsNotTrustedIsClosedAndCounted() throws Exception {
    start("192.0.2.0/24", false);
    try (RawClient client = RawClient.connect(port)) {
      try {
        client.send(V1 + STATS);
      } catch (IOException e) {
        // closed already
      }
      assertThat(client.readToEnd()).isEmpty();
    }
    assertThat(gateway.count(TransportCounter.REFUSED_PROXY)).isEqualTo(1);
  }

  @Test
  void aConnectionThatNeverTellsIsClosedInTime() throws Exception {
    start("127.0.0.0/8", false);
    try (RawClient silent = RawClient.connect(port);
        RawClient slow = RawClient.connect(port)) {
      slow.send("PROXY TCP4");
      silent.readToEnd();
      slow.readToEnd();
    }
    assertThat(gateway.count(TransportCounter.REFUSED_LATE)).isEqualTo(2);
  }

  @Test
  void theHeaderStandsBeforeTlsAndBeforeHttp2() throws Exception {
    start("127.0.0.0/8", true);
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.getOutputStream().write(v2Tcp4());
    SSLSocket secured =
        (SSLSocket)
            CERTIFICATE
                .clientContext()
                .getSocketFactory()
                .createSocket(socket, "localhost", port, true);
    try (StreamClient stream =
        new StreamClient(RawClient.over(secured).send(StreamClient.request("channel_id=a")))) {
      stream.next();
      assertThat(addresses()).containsExactly("198.51.100.9:4660");
    }
    gateway.close();

    start("127.0.0.0/8", false);
    try (Http2Raw connection = new Http2Raw(RawClient.connect(port).send(V1))) {
      connection.begin().get(1, "/sse/connect?channel_id=a");
      assertThat(connection.response(1).status()).hasToString("200");
      await("it listens", () -> addresses().equals(List.of("192.0.2.7:4711")));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"send-proxy", "send-proxy-v2"})
  void aRealProxyIsUnderstood(String option) throws Exception {
    if (!OptionalPrograms.has("haproxy")) {
      OptionalPrograms.missing("haproxy is not installed");
    }
    start("127.0.0.1", false);
    int front;
    try (ServerSocket free = new ServerSocket(0)) {
      front = free.getLocalPort();
    }
    Path configuration = directory.resolve("haproxy.cfg");
    Files.writeString(
        configuration,
        """
        defaults
          mode tcp
          timeout connect 5s
          timeout client 30s
          timeout server 30s
        listen gateway
          bind 127.0.0.1:%d
          server gateway 127.0.0.1:%d %s
        """
            .formatted(front, port, option));
    Process haproxy =
        new ProcessBuilder("haproxy", "-db", "-f", configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("haproxy.log").toFile())
            .start();
    try {
      await("haproxy listens", () -> accepts(front));
      try (RawClient client = RawClient.connect(front);
          StreamClient stream =
              new StreamClient(client.send(StreamClient.request("channel_id=a")))) {
        stream.next();
        assertThat(addresses()).containsExactly("127.0.0.1:" + client.localPort());
        gateway.publisher().publish(Message.of("a", "through the proxy"));
        assertThat(stream.nextEvent().data()).isEqualTo("through the proxy");
      }
      assertThat(RawClient.exchange(front, STATS).status()).isEqualTo(403);
    } finally {
      haproxy.destroy();
      haproxy.waitFor(5, TimeUnit.SECONDS);
    }
  }

  private static boolean accepts(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void withoutTrustedProxiesThereIsNoProxyProtocol() {
    assertThatThrownBy(() -> LimitOptions.builder().proxyProtocol(true).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("trustedProxies: none");
  }
}
