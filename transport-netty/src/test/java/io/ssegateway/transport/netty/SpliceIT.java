package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.engine.Connection;
import io.ssegateway.engine.Counter;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.PublishResult;
import io.ssegateway.engine.journal.MemoryJournal;
import io.ssegateway.transport.netty.testing.StreamSwarm;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * The splice of replay and live: publishers run flat out while clients connect, vanish, come back
 * with their last id, and stop reading for a while. Each has seen all of its channels once and in
 * order in the end, or was told of a gap that accounts for the rest.
 *
 * <p>{@code -Dssegateway.splice.seconds} says for how long, all transports together; {@code
 * -Dssegateway.splice.seed} takes a seed, which repeats what is done, though not how it
 * interleaves.
 */
class SpliceIT extends GatewayCase {
  private static final double SECONDS =
      Double.parseDouble(System.getProperty("ssegateway.splice.seconds", "20"));
  private static final long SEED = Long.getLong("ssegateway.splice.seed", System.nanoTime());

  private static final int CLIENTS = 200;
  private static final int CHANNELS = 8;

  /** The stream of the broadcasts. */
  private static final int EVERYONE = CHANNELS;

  /** The channel of large events, which clients with small windows fall behind on. */
  private static final int LARGE = 0;

  private static final String PADDING = "x".repeat(8000);

  private final AtomicBoolean stop = new AtomicBoolean();

  @Test
  void withARoomyJournalNobodyMissesAnything() throws Exception {
    int gaps = splice(new MemoryJournal(384L * 1024 * 1024, 0), 1);

    assertThat(gaps).isZero();
    assertThat(count(Counter.GAPS_EXPIRED)).isZero();
  }

  @Test
  void withATightJournalEveryLossIsTold() throws Exception {
    int gaps = splice(new MemoryJournal(768 * 1024, 0), 2);

    assertThat(gaps).isPositive();
    assertThat(count(Counter.GAPS_EXPIRED)).isGreaterThanOrEqualTo(gaps);
  }

  private double seconds() {
    return SECONDS
        * switch (kind) {
          case EPOLL, AUTO -> 0.28;
          case NIO -> 0.08;
          case IO_URING -> 0.04;
        };
  }

  /** Runs for a while; answers how many gaps were told. */
  private int splice(MemoryJournal journal, int variant) throws Exception {
    System.out.println("ssegateway.splice.seed=" + SEED);
    start(
        o -> o.maxPendingBytes(16 * 1024).sendBufferBytes(16 * 1024),
        e -> e.heartbeatMs(100),
        journal);
    SpliceLedger ledger = new SpliceLedger(CHANNELS + 1);
    Random random = new Random(SEED * 31 + variant);
    List<FutureTask<Void>> publishers = new ArrayList<>();
    try (StreamSwarm swarm = new StreamSwarm()) {
      List<SpliceClient> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(client(swarm, ledger, random, i));
      }
      swarm.execute(() -> clients.forEach(SpliceClient::connect));
      await("all are connected", () -> gateway.engine().subscribers().total() == CLIENTS);
      publishers.add(publisher(ledger, new Random(random.nextLong()), LARGE, 1, 2, 3));
      publishers.add(publisher(ledger, new Random(random.nextLong()), EVERYONE, 4, 5, 6, 7));

      long end = System.nanoTime() + (long) (seconds() * TimeUnit.SECONDS.toNanos(1));
      SpliceChaos chaos = new SpliceChaos(clients, random);
      while (System.nanoTime() < end && swarm.failure() == null) {
        swarm.execute(chaos);
        Thread.sleep(5);
      }
      stop.set(true);
      for (FutureTask<Void> publisher : publishers) {
        publisher.get(10, TimeUnit.SECONDS);
      }
      swarm.execute(chaos::calm);
      awaitCompleteness(swarm, clients);
      if (swarm.failure() != null) {
        return 0; // thrown by the swarm's close
      }
      long events = on(swarm, () -> clients.stream().mapToLong(SpliceClient::events).sum());
      int gaps = on(swarm, () -> clients.stream().mapToInt(SpliceClient::gaps).sum());
      System.out.printf(
          "%s: %d published, %d seen, %d gaps, %d replays, %d slow, %d reconnects%n",
          kind,
          count(Counter.PUBLISHED),
          events,
          gaps,
          count(Counter.REPLAYS),
          count(Counter.SLOW_TRANSITIONS),
          count(Counter.CONNECTS) - CLIENTS);
      assertThat(events).isGreaterThan(10_000);
      assertThat(count(Counter.CONNECTS)).isGreaterThan(CLIENTS + 10);
      assertThat(count(Counter.REPLAYED)).isPositive();
      assertThat(count(Counter.SLOW_TRANSITIONS)).isPositive();
      assertThat(count(Counter.CONTAINED_FAILURES)).isZero();
      assertThat(count(Counter.CLOSED_STALLED)).isZero();
      return gaps;
    } finally {
      stop.set(true);
    }
  }

  /** Waits until everyone has everything, or says who has not and what the gateway does for him. */
  private void awaitCompleteness(StreamSwarm swarm, List<SpliceClient> clients) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    List<String> incomplete = List.of("nobody asked yet");
    while (!incomplete.isEmpty() && swarm.failure() == null) {
      if (System.nanoTime() > end) {
        throw new AssertionError(
            incomplete.size()
                + " have not got everything: "
                + incomplete
                + "\nnot live: "
                + gateway.engine().connections(0, CLIENTS).get(5, TimeUnit.SECONDS).stream()
                    .filter(c -> c.state() != Connection.State.LIVE)
                    .toList());
      }
      Thread.sleep(20);
      incomplete =
          on(
              swarm,
              () ->
                  clients.stream()
                      .filter(c -> !c.isComplete())
                      .map(SpliceClient::toString)
                      .toList());
    }
  }

  private SpliceClient client(StreamSwarm swarm, SpliceLedger ledger, Random random, int number) {
    boolean large = number % 12 == 0;
    int[] streams =
        java.util.stream.IntStream.concat(
                large
                    ? java.util.stream.IntStream.of(LARGE)
                    : random.ints(1 + random.nextInt(3), 1, CHANNELS).distinct(),
                java.util.stream.IntStream.of(EVERYONE))
            .sorted()
            .toArray();
    int receiveBuffer = large || random.nextInt(4) == 0 ? 16 * 1024 : 0;
    return new SpliceClient(swarm, ledger, gateway.port(), receiveBuffer, streams);
  }

  /** Publishes to its streams in bursts, each as fast as the ring takes it. */
  private FutureTask<Void> publisher(SpliceLedger ledger, Random random, int... streams) {
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              int[] numbers = new int[CHANNELS + 1];
              while (!stop.get()) {
                for (int i = random.nextInt(400); i > 0 && !stop.get(); i--) {
                  int stream = streams[random.nextInt(streams.length)];
                  boolean rare = stream == EVERYONE || stream == LARGE;
                  if (rare && random.nextInt(8) != 0) {
                    continue;
                  }
                  int count = rare || random.nextInt(10) != 0 ? 1 : 1 + random.nextInt(20);
                  if (SpliceLedger.fits(numbers[stream] + count)) {
                    publish(ledger, random, stream, numbers[stream], count);
                    numbers[stream] += count;
                  }
                }
                Thread.sleep(random.nextInt(100)); // so that clients become live again
              }
              return null;
            });
    Thread thread = new Thread(task, "publisher");
    thread.setDaemon(true);
    thread.start();
    return task;
  }

  private void publish(SpliceLedger ledger, Random random, int stream, int number, int count) {
    List<Message> messages = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int padding = random.nextInt(stream == LARGE ? PADDING.length() : 100);
      messages.add(
          Message.builder()
              .channel(stream == EVERYONE ? null : "c" + stream)
              .data(stream + " " + (number + i) + " " + PADDING.substring(0, padding))
              .build());
    }
    PublishResult result;
    do {
      result = gateway.publisher().publish(messages, ledger.listener(stream, number));
    } while (result == PublishResult.BACK_PRESSURED);
    assertThat(result).isEqualTo(PublishResult.PUBLISHED);
  }

  private static <T> T on(StreamSwarm swarm, Callable<T> question)
      throws InterruptedException, ExecutionException, java.util.concurrent.TimeoutException {
    FutureTask<T> task = new FutureTask<>(question);
    swarm.execute(task);
    return task.get(30, TimeUnit.SECONDS);
  }
}
