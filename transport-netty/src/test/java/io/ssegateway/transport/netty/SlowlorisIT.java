package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import io.ssegateway.engine.Counter;
import io.ssegateway.engine.EngineOptions;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.journal.MemoryJournal;
import io.ssegateway.transport.netty.testing.OptionalPrograms;
import io.ssegateway.transport.netty.testing.SseBlock;
import io.ssegateway.transport.netty.testing.StreamClient;
import io.ssegateway.transport.netty.testing.StreamSwarm;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Thousands that begin a request and never end it, beside those that listen. Bars on latency need a
 * quiet machine, and more than the few seconds that a build has: {@code
 * -Dssegateway.slowloris.ratio=2} sets how many times its p99 at calm the live streams' p99 may be,
 * has the slow ones come at 500 a second and lets them last as long as the default does; without it
 * the ratio is printed only.
 */
class SlowlorisIT {
  private static final double RATIO =
      Double.parseDouble(System.getProperty("ssegateway.slowloris.ratio", "0"));
  private static final int EVENTS_A_SECOND = 20;
  private static final int CALM_SECONDS = RATIO > 0 ? 10 : 2;
  private static final int DEADLINE_MS =
      RATIO > 0 ? GatewayOptions.DEFAULTS.headerTimeoutMs() : 2_000;

  /** All at once, or 500 a second. */
  private static final int SLOW_A_ROUND = RATIO > 0 ? 500 / EVENTS_A_SECOND : Integer.MAX_VALUE;

  /** Sweeps, and a machine with other work. */
  private static final int SLACK_MS = 8_000;

  private Gateway gateway;

  private void start() throws IOException {
    gateway =
        Gateway.builder()
            .options(
                GatewayOptions.DEFAULTS.toBuilder()
                    .port(0)
                    .eventLoops(1)
                    .headerTimeoutMs(DEADLINE_MS)
                    .build())
            .engineOptions(EngineOptions.DEFAULTS)
            .journal(new MemoryJournal())
            .build();
    gateway.start();
  }

  @AfterEach
  void closeGateway() {
    if (gateway != null) {
      gateway.close();
    }
  }

  private static void requireDescriptors(int count) {
    long most =
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
            ? unix.getMaxFileDescriptorCount()
            : Integer.MAX_VALUE;
    if (most < count) {
      OptionalPrograms.missing(most + " file descriptors are allowed, " + count + " are needed");
    }
  }

  private static void await(String what, java.util.concurrent.Callable<Boolean> condition) {
    Awaitility.await(what)
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(10))
        .until(condition);
  }

  /** One that never ends its request, and notes how long it was let. */
  private static final class Slow implements StreamSwarm.Listener {
    private final AtomicInteger ended;
    private final AtomicLong longestNs;
    private final List<Integer> expected;
    private final long beganNs = System.nanoTime();

    Slow(AtomicInteger ended, AtomicLong longestNs, Integer... expected) {
      this.expected = List.of(expected);
      this.ended = ended;
      this.longestNs = longestNs;
    }

    @Override
    public void onBlock(SseBlock block) {
      throw new AssertionError("a stream without a request: " + block);
    }

    @Override
    public void onEnd(int status) {
      // whoever is still sending when it is closed may be reset before it has read the 408
      assertThat(status).isIn(expected);
      longestNs.accumulateAndGet(System.nanoTime() - beganNs, Math::max);
      ended.incrementAndGet();
    }
  }

  /** A live stream, which checks order and completeness and notes latency. */
  private static final class Live implements StreamSwarm.Listener {
    private final List<Histogram> phases;
    private final AtomicInteger phase;
    private final AtomicInteger ready;
    private final AtomicLong received;
    private boolean begun;
    private long next;

    Live(List<Histogram> phases, AtomicInteger phase, AtomicInteger ready, AtomicLong received) {
      this.phases = phases;
      this.phase = phase;
      this.ready = ready;
      this.received = received;
    }

    @Override
    public void onBlock(SseBlock block) {
      if (!begun) {
        begun = true;
        ready.incrementAndGet();
      }
      if (block.isEvent()) {
        String[] parts = block.data().split(" ", 2);
        assertThat(Long.parseLong(parts[0])).isEqualTo(next++);
        phases.get(phase.get()).recordValue(System.nanoTime() - Long.parseLong(parts[1]));
        received.incrementAndGet();
      }
    }
  }

  @Test
  void twoThousandSlowRequestsEndInTimeAndLiveStreamsMissNothing() throws Exception {
    int slow = 2_000;
    int live = 1_000;
    requireDescriptors(2 * (slow + live) + 500);
    start();
    List<Histogram> phases = List.of(new Histogram(3), new Histogram(3));
    AtomicInteger phase = new AtomicInteger();
    AtomicInteger ready = new AtomicInteger();
    AtomicLong received = new AtomicLong();
    AtomicInteger ended = new AtomicInteger();
    AtomicLong longestNs = new AtomicLong();
    try (StreamSwarm listeners = new StreamSwarm();
        StreamSwarm attackers = new StreamSwarm()) {
      for (int i = 0; i < live; i++) {
        listeners.open(
            gateway.port(),
            0,
            StreamClient.request("channel_id=live"),
            new Live(phases, phase, ready, received));
      }
      await("all listen", () -> ready.get() == live);
      long sent = publish(0, CALM_SECONDS * EVENTS_A_SECOND, () -> false);
      long calm = sent;
      await("calm is over", () -> received.get() == calm * live);

      phase.set(1);
      List<StreamSwarm.Member> members = new ArrayList<>();
      AtomicInteger rounds = new AtomicInteger();
      sent =
          publish(
              sent,
              20 * EVENTS_A_SECOND,
              () -> {
                for (int i = Math.min(SLOW_A_ROUND, slow - members.size()); i > 0; i--) {
                  members.add(
                      attackers.open(
                          gateway.port(),
                          0,
                          "GET /sse/connect?channel_id=live HTTP/1.1\r\nHost: localhost\r\n",
                          new Slow(ended, longestNs, 0, 408)));
                }
                if (rounds.incrementAndGet() % EVENTS_A_SECOND == 0) {
                  List<StreamSwarm.Member> now = List.copyOf(members);
                  attackers.execute(() -> now.forEach(m -> m.send("X: y\r\n")));
                }
                return ended.get() == slow || attackers.failure() != null;
              });
      long all = sent;

      assertThat(attackers.failure()).isNull();
      await("all are delivered", () -> received.get() == all * live);
      assertThat(ended.get()).isEqualTo(slow);
      assertThat(longestNs.get() / 1_000_000).isLessThan(DEADLINE_MS + SLACK_MS);
      assertThat(gateway.count(TransportCounter.REFUSED_LATE)).isEqualTo(slow);
      assertThat(gateway.engine().count(Counter.SLOW_TRANSITIONS)).isZero();
      assertThat(gateway.engine().subscribers().total()).isEqualTo(live);
    }
    double before = phases.get(0).getValueAtPercentile(99) / 1e6;
    double during = phases.get(1).getValueAtPercentile(99) / 1e6;
    System.out.printf(
        "p99 of %d live streams: %.1f ms at calm, %.1f ms beside %d slow requests, ratio %.2f%n",
        live, before, during, slow, during / before);
    if (RATIO > 0) {
      assertThat(during / before).isLessThanOrEqualTo(RATIO);
    }
  }

  /** Publishes at the rate until so many are sent, or it is to end. */
  private long publish(long from, int most, java.util.function.BooleanSupplier end)
      throws InterruptedException {
    long number = from;
    long dueNs = System.nanoTime();
    while (number < from + most && !end.getAsBoolean()) {
      dueNs += 1_000_000_000L / EVENTS_A_SECOND;
      java.util.concurrent.locks.LockSupport.parkNanos(dueNs - System.nanoTime());
      gateway
          .publisher()
          .publishOrWait(Message.of("live", number++ + " " + System.nanoTime()), null);
    }
    return number;
  }

  @Test
  void fiveThousandSilentPeersAreReapedInTime() throws Exception {
    int silent = 5_000;
    requireDescriptors(2 * silent + 500);
    start();
    AtomicInteger ended = new AtomicInteger();
    AtomicLong longestNs = new AtomicLong();
    try (StreamSwarm swarm = new StreamSwarm()) {
      for (int i = 0; i < silent; i++) {
        swarm.open(gateway.port(), 0, "", new Slow(ended, longestNs, 408));
      }
      await("all have ended", () -> ended.get() == silent);
    }
    assertThat(longestNs.get() / 1_000_000)
        .isBetween((long) DEADLINE_MS, DEADLINE_MS + SLACK_MS + 0L);
    assertThat(gateway.count(TransportCounter.REFUSED_LATE)).isEqualTo(silent);
  }
}
