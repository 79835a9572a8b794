package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.engine.EngineOptions;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.journal.MemoryJournal;
import io.ssegateway.transport.netty.testing.Http2Raw;
import io.ssegateway.transport.netty.testing.RawClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever limit refuses a client counts it by its own counter and no other, by each protocol. */
class RefusalCountersIT extends GatewayCase {
  private static final String STREAM = "/sse/connect?channel_id=";
  private static final String READER = "Bearer " + Doorman.READER;
  private static final String WRITER = "Bearer " + Doorman.WRITER;

  /** How a request is sent. */
  enum Protocol {
    HTTP_1_1,
    HTTP_2
  }

  private final List<RawClient> open = new ArrayList<>();

  @AfterEach
  void closeClients() throws IOException {
    for (RawClient client : open) {
      client.close();
    }
    await("all are gone", () -> gateway.engine().subscribers().total() == 0);
  }

  private void startLimited(
      UnaryOperator<GatewayOptions.Builder> options,
      UnaryOperator<LimitOptions.Builder> limits,
      Authenticator authenticator)
      throws IOException {
    GatewayOptions.Builder base =
        GatewayOptions.DEFAULTS.toBuilder().port(0).transport(kind).eventLoops(2);
    Gateway.Builder builder =
        Gateway.builder()
            .options(options.apply(base).build())
            .engineOptions(EngineOptions.DEFAULTS.toBuilder().maxPayloadBytes(1024).build())
            .journal(new MemoryJournal())
            .limits(limits.apply(LimitOptions.builder()).build());
    if (authenticator != null) {
      builder.authenticator(authenticator);
    }
    gateway = builder.build();
    gateway.start();
    port = gateway.port();
  }

  private RawClient connect(int receiveBuffer) throws IOException {
    RawClient client = RawClient.connect(port, receiveBuffer);
    open.add(client);
    return client;
  }

  /** The status of a request on a connection of its own, which stays open. */
  private int ask(Protocol protocol, String method, String target, String body, String... fields)
      throws IOException {
    byte[] content = body.getBytes(StandardCharsets.UTF_8);
    if (protocol == Protocol.HTTP_1_1) {
      StringBuilder head =
          new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n");
      for (int i = 0; i < fields.length; i += 2) {
        head.append(fields[i]).append(": ").append(fields[i + 1]).append("\r\n");
      }
      head.append("Content-Length: ").append(content.length).append("\r\n\r\n");
      return connect(0).send(head + body).answer(false).status();
    }
    Http2Raw connection = new Http2Raw(connect(0)).begin();
    int end = content.length == 0 ? Http2Raw.END_STREAM : 0;
    connection.frame(
        Http2Raw.HEADERS, Http2Raw.END_HEADERS | end, 1, connection.fields(method, target, fields));
    if (content.length > 0) {
      connection.frame(Http2Raw.DATA, Http2Raw.END_STREAM, 1, content);
    }
    return Integer.parseInt(connection.response(1).status().toString());
  }

  private int listen(Protocol protocol, String channels, String... fields) throws IOException {
    return ask(protocol, "GET", STREAM + channels, "", fields);
  }

  private int publish(Protocol protocol, String json, String... fields) throws IOException {
    return ask(protocol, "POST", "/api/send", json, fields);
  }

  /** Asserts what is counted of refusals, in all. */
  private void assertCounted(Map<TransportCounter, Integer> expected) {
    Map<TransportCounter, Integer> counted = new EnumMap<>(TransportCounter.class);
    for (TransportCounter counter : TransportCounter.values()) {
      long count = gateway.count(counter);
      if (count > 0 && counter.label().startsWith("refused_")) {
        counted.put(counter, (int) count);
      }
    }
    assertThat(counted).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource
  void streamsInAll(Protocol protocol) throws Exception {
    startLimited(o -> o.maxConnections(1), l -> l, null);
    assertThat(listen(protocol, "a")).isEqualTo(200);
    assertThat(listen(protocol, "a")).isEqualTo(503);
    assertCounted(Map.of(TransportCounter.REFUSED_STREAMS, 1));
  }

  @ParameterizedTest
  @EnumSource
  void streamsOfAnAddressAndOfAnIpv6Network(Protocol protocol) throws Exception {
    startLimited(o -> o, l -> l.maxStreamsPerAddress(1).trustedProxies(List.of("127.0.0.1")), null);
    String name = "x-forwarded-for";
    assertThat(listen(protocol, "a", name, "192.0.2.1")).isEqualTo(200);
    assertThat(listen(protocol, "a", name, "192.0.2.1")).isEqualTo(503);
    assertThat(listen(protocol, "a", name, "192.0.2.2")).isEqualTo(200);
    assertThat(listen(protocol, "a", name, "2001:db8:1:1::1")).isEqualTo(200);
    assertThat(listen(protocol, "a", name, "2001:db8:1:1:ffff::2")).isEqualTo(503);
    assertThat(listen(protocol, "a", name, "2001:db8:1:2::1")).isEqualTo(200);
    assertCounted(Map.of(TransportCounter.REFUSED_ADDRESS, 2));
  }

  @ParameterizedTest
  @EnumSource
  void streamsOfASubject(Protocol protocol) throws Exception {
    startLimited(o -> o, l -> l.maxStreamsPerSubject(1), new Doorman());
    assertThat(listen(protocol, "news", "authorization", READER)).isEqualTo(200);
    assertThat(listen(protocol, "news", "authorization", READER)).isEqualTo(503);
    assertCounted(Map.of(TransportCounter.REFUSED_SUBJECT, 1));
  }

  @ParameterizedTest
  @EnumSource
  void channelsAndNames(Protocol protocol) throws Exception {
    startLimited(o -> o.maxChannelsPerConnection(2), l -> l, null);
    String tooLong = "n".repeat(257);
    assertThat(listen(protocol, "a&channel_id=b&channel_id=c")).isEqualTo(400);
    assertCounted(Map.of(TransportCounter.REFUSED_CHANNELS, 1));
    assertThat(listen(protocol, tooLong)).isEqualTo(400);
    assertCounted(Map.of(TransportCounter.REFUSED_CHANNELS, 1, TransportCounter.REFUSED_NAMES, 1));
    for (String field : List.of("channel_id", "event_type", "id")) {
      String message = "{\"data\":1,\"" + field + "\":\"" + tooLong + "\"}";
      assertThat(publish(protocol, message)).as(field).isEqualTo(400);
    }
    assertCounted(Map.of(TransportCounter.REFUSED_CHANNELS, 1, TransportCounter.REFUSED_NAMES, 4));
  }

  @ParameterizedTest
  @EnumSource
  void requestsOfAnAddress(Protocol protocol) throws Exception {
    startLimited(o -> o, l -> l.requestRate(1, 1), null);
    int refused = 0;
    for (int i = 0; i < 5; i++) {
      refused += ask(protocol, "GET", "/api/stats", "") == 429 ? 1 : 0;
    }
    assertThat(refused).isPositive();
    assertCounted(Map.of(TransportCounter.REFUSED_RATE, refused));
  }

  @ParameterizedTest
  @EnumSource
  void whatIsPublished(Protocol protocol) throws Exception {
    startLimited(o -> o.maxRequestBytes(4096), l -> l, null);
    String large = "{\"data\":\"" + "x".repeat(2000) + "\"}";
    assertThat(publish(protocol, large)).isEqualTo(413);
    assertThat(publish(protocol, large + " ".repeat(4096))).isEqualTo(413);
    assertCounted(Map.of(TransportCounter.REFUSED_SIZE, 2));
    assertThat(publish(protocol, "{\"data\":")).isEqualTo(400);
    assertCounted(Map.of(TransportCounter.REFUSED_SIZE, 2, TransportCounter.REFUSED_MESSAGES, 1));
  }

  @ParameterizedTest
  @EnumSource
  void whatAPublisherPublishes(Protocol protocol) throws Exception {
    startLimited(o -> o, l -> l.messageRate(1, 3), new Doorman());
    String message = "{\"channel_id\":\"user.1\",\"data\":1}\n";
    assertThat(publish(protocol, message.repeat(50), "authorization", WRITER)).isEqualTo(200);
    assertThat(publish(protocol, message, "authorization", WRITER)).isEqualTo(429);
    assertCounted(Map.of(TransportCounter.REFUSED_PUBLISH_RATE, 1));
  }

  @ParameterizedTest
  @EnumSource
  void theHeadOfARequest(Protocol protocol) throws Exception {
    startLimited(o -> o.maxHeaderBytes(2048), l -> l, null);
    assertThat(listen(protocol, "a", "x-long", "x".repeat(2100))).isEqualTo(431);
    assertCounted(Map.of(TransportCounter.REFUSED_HEADERS, 1));
    int status = ask(protocol, "GET", "/" + "x".repeat(2100), "");
    assertThat(status).isEqualTo(protocol == Protocol.HTTP_2 ? 431 : 414);
    assertCounted(Map.of(TransportCounter.REFUSED_HEADERS, 2));
  }

  @ParameterizedTest
  @EnumSource
  void theTimeOfARequest(Protocol protocol) throws Exception {
    startLimited(o -> o.headerTimeoutMs(200), l -> l, null);
    RawClient silent = connect(0);
    RawClient half = connect(0);
    if (protocol == Protocol.HTTP_1_1) {
      half.send("GET /health HTTP/1.1\r\nHost: ");
      assertThat(silent.answer().status()).isEqualTo(408);
      assertThat(half.answer().status()).isEqualTo(408);
    } else {
      Http2Raw idle = new Http2Raw(silent).begin();
      Http2Raw waits = new Http2Raw(half).begin();
      waits.frame(Http2Raw.HEADERS, Http2Raw.END_HEADERS, 1, waits.fields("POST", "/api/send"));
      assertThat(waits.response(1).status()).hasToString("408");
      while (idle.next() != null) {
        // until it ends
      }
    }
    await("both are counted", () -> gateway.count(TransportCounter.REFUSED_LATE) == 2);
    assertCounted(Map.of(TransportCounter.REFUSED_LATE, 2));
  }

  @ParameterizedTest
  @EnumSource
  void whatAllStreamsOwe(Protocol protocol) throws Exception {
    startLimited(
        o -> o.sendBufferBytes(8 * 1024).maxPendingBytes(1 << 20),
        l -> l.maxTotalPendingBytes(32 * 1024),
        null);
    RawClient slow = connect(4096);
    if (protocol == Protocol.HTTP_1_1) {
      slow.send("GET " + STREAM + "a HTTP/1.1\r\nHost: localhost\r\n\r\n");
    } else {
      new Http2Raw(slow).begin().get(1, STREAM + "a");
    }
    await("it listens", () -> gateway.engine().subscribers().total() == 1);
    for (int i = 0; gateway.engine().pendingBytes() <= 32 * 1024 && i < 100_000; i++) {
      gateway.publisher().publishOrWait(Message.of("a", "x".repeat(500)), null);
    }
    await("noticed", () -> gateway.count(TransportCounter.PENDING_LIMITED) > 0);

    assertThat(listen(protocol, "b")).isEqualTo(503);

    assertCounted(Map.of(TransportCounter.REFUSED_PENDING, 1));
  }
}
