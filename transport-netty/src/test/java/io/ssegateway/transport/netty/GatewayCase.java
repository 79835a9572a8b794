package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.uring.IoUring;
import io.ssegateway.engine.Counter;
import io.ssegateway.engine.EngineOptions;
import io.ssegateway.engine.journal.Journal;
import io.ssegateway.engine.journal.MemoryJournal;
import io.ssegateway.transport.netty.testing.HttpAnswer;
import io.ssegateway.transport.netty.testing.RawClient;
import java.io.IOException;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A gateway on a free port, for each test anew, once for every transport. EPOLL serves streams by
 * {@link LeanSocket} and hands everything else over to ordinary channels.
 */
@ParameterizedClass(name = "{0}")
@EnumSource(
    value = TransportKind.class,
    names = {"EPOLL", "NIO", "IO_URING"})
abstract class GatewayCase {
  static final Duration PATIENCE = Duration.ofSeconds(10);

  @Parameter TransportKind kind;

  Gateway gateway;
  int port;

  @BeforeEach
  void requireTransport() {
    Throwable cause =
        switch (kind) {
          case EPOLL -> Epoll.unavailabilityCause();
          case IO_URING -> IoUring.unavailabilityCause();
          case NIO, AUTO -> null;
        };
    assumeTrue(cause == null, () -> kind + " does not load here: " + cause);
  }

  @AfterEach
  void closeGateway() {
    if (gateway != null) {
      gateway.close();
    }
  }

  /** Starts a gateway with the defaults. */
  void start() throws IOException {
    start(o -> o, e -> e);
  }

  void start(
      UnaryOperator<GatewayOptions.Builder> options, UnaryOperator<EngineOptions.Builder> engine)
      throws IOException {
    start(options, engine, new MemoryJournal());
  }

  void start(
      UnaryOperator<GatewayOptions.Builder> options,
      UnaryOperator<EngineOptions.Builder> engine,
      Journal journal)
      throws IOException {
    GatewayOptions.Builder base =
        GatewayOptions.DEFAULTS.toBuilder().port(0).transport(kind).eventLoops(2);
    gateway =
        Gateway.builder()
            .options(options.apply(base).build())
            .engineOptions(engine.apply(EngineOptions.DEFAULTS.toBuilder()).build())
            .journal(journal)
            .build();
    gateway.start();
    port = gateway.port();
  }

  long count(Counter counter) {
    return gateway.engine().count(counter);
  }

  /** Publishes by HTTP and answers the id of the event. */
  String publish(String channel, String data) throws IOException {
    HttpAnswer answer =
        RawClient.publish(port, "{\"channel_id\":\"" + channel + "\",\"data\":\"" + data + "\"}");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.field("id");
  }

  /** Waits for a condition. */
  static void await(String what, java.util.concurrent.Callable<Boolean> condition) {
    Awaitility.await(what).atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(condition);
  }
}
