package io.ssegateway.stress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.uring.IoUring;
import io.ssegateway.engine.Counter;
import io.ssegateway.engine.EngineOptions;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.journal.MemoryJournal;
import io.ssegateway.transport.netty.Gateway;
import io.ssegateway.transport.netty.GatewayOptions;
import io.ssegateway.transport.netty.TransportKind;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.SseBlock;
import io.ssegateway.transport.netty.testing.StreamClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/**
 * Attempts to upset a gateway by what is sent to it, over and over: nothing is answered by 5xx,
 * nothing that is good is left without its answer, nothing hangs, nothing is lost or left behind,
 * nothing fills the log, and a stream beside it all misses nothing.
 *
 * <p>{@code -Dssegateway.fuzz.seconds} says how long, all transports together; {@code
 * -Dssegateway.fuzz.seed} repeats a run.
 */
class FuzzIT {
  /** Time in ms after which an answer, or the end of a connection, is held to be missing. */
  static final int PATIENCE_MS = 5_000;

  private static final double SECONDS =
      Double.parseDouble(System.getProperty("ssegateway.fuzz.seconds", "60"));
  private static final long SEED = Long.getLong("ssegateway.fuzz.seed", System.nanoTime());
  private static final int MOST_STREAMS = 100;

  private final ListAppender<ILoggingEvent> log =
      new ListAppender<>() {
        @Override
        protected synchronized void append(ILoggingEvent event) {
          if (event.getLevel().isGreaterOrEqual(Level.WARN)) {
            super.append(event);
          }
        }
      };

  private static Gateway gateway(TransportKind transport) {
    return Gateway.builder()
        .options(
            GatewayOptions.DEFAULTS.toBuilder()
                .port(0)
                .transport(transport)
                .eventLoops(2)
                .maxConnections(MOST_STREAMS)
                .headerTimeoutMs(1_000)
                .maxHeaderBytes(4096)
                .maxRequestBytes(4096)
                .build())
        .engineOptions(EngineOptions.DEFAULTS)
        .journal(new MemoryJournal())
        .build();
  }

  @ParameterizedTest
  @EnumSource(
      value = TransportKind.class,
      names = {"EPOLL", "NIO", "IO_URING"})
  void whateverIsSentIsAnsweredOrRefusedAndNobodyElseNotices(TransportKind transport)
      throws Exception {
    assumeTrue(transport != TransportKind.EPOLL || Epoll.isAvailable());
    assumeTrue(transport != TransportKind.IO_URING || IoUring.isAvailable());
    System.out.println("ssegateway.fuzz.seed=" + SEED);
    log.start();
    Logger netty = (Logger) LoggerFactory.getLogger("io");
    netty.addAppender(log);
    try (Gateway gateway = gateway(transport)) {
      gateway.start();
      attack(gateway);
      assertNothingIsLeftBehind(gateway);
    } finally {
      netty.detachAppender(log);
    }
    assertThat(log.list).as("a peer writes nothing into the log").isEmpty();
  }

  private static void attack(Gateway gateway) throws Exception {
    int port = gateway.port();
    long end = System.nanoTime() + (long) (SECONDS / 3 * TimeUnit.SECONDS.toNanos(1));
    int number = 0;
    try (StreamClient healthy = StreamClient.listen(port, "channel_id=healthy");
        StreamClient echo = StreamClient.listen(port, "channel_id=" + MadeUpMessages.CHANNEL)) {
      List<Attempt> attempts =
          List.of(new Http1Attempt(), new Http2Attempt(), new SendAttempt(echo));
      while (System.nanoTime() < end) {
        Attempt attempt = attempts.get(number % attempts.size());
        try {
          attempt.run(port, new Random(SEED + number));
        } catch (Exception | AssertionError e) {
          throw new AssertionError(
              "attempt "
                  + number
                  + " of -Dssegateway.fuzz.seed="
                  + SEED
                  + ", "
                  + attempt.getClass().getSimpleName(),
              e);
        }
        if (number++ % 10 == 0) {
          gateway.publisher().publishOrWait(Message.of("healthy", "beside " + number), null);
          assertHeard(healthy, "beside " + number);
        }
      }
    }
    System.out.println(number + " attempts by " + gateway.transport());
    assertThat(number).isGreaterThan(20);
  }

  /** What attempts publish to everyone comes here too. */
  private static void assertHeard(StreamClient stream, String data) throws Exception {
    SseBlock event = stream.nextEvent();
    while (!event.data().equals(data)) {
      event = stream.nextEvent();
    }
  }

  /** All streams have ended, and each place that they took is free again. */
  private static void assertNothingIsLeftBehind(Gateway gateway) throws Exception {
    await("all have ended", () -> gateway.engine().subscribers().total() == 0);
    await("nothing is owed", () -> gateway.engine().pendingBytes() == 0);
    assertThat(gateway.engine().count(Counter.CONTAINED_FAILURES)).isZero();
    List<StreamClient> all = new ArrayList<>();
    try {
      for (int i = 0; i < MOST_STREAMS; i++) {
        all.add(StreamClient.listen(gateway.port(), "channel_id=a"));
      }
      assertThat(RawClient.exchange(gateway.port(), StreamClient.request("channel_id=a")).status())
          .isEqualTo(503);
    } finally {
      for (StreamClient stream : all) {
        stream.close();
      }
    }
  }

  private static void await(String what, java.util.concurrent.Callable<Boolean> condition) {
    Awaitility.await(what)
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(5))
        .until(condition);
  }
}
