package io.ssegateway.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ssegateway.engine.WireEvents.Block;
import io.ssegateway.engine.journal.GapReason;
import io.ssegateway.engine.journal.MemoryJournal;
import io.ssegateway.engine.journal.Refusal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The splice of replay and live on a real engine without sockets: publishers run flat out while
 * hundreds of subscribers connect, vanish, come back on any lane with their last id, and decline
 * for a while. Whatever happens, each sees every event of its channels once and in order, or a gap
 * that accounts for the rest.
 *
 * <p>{@code -Dssegateway.splice.seconds=60} runs it for longer, {@code -Dssegateway.splice.seed=…}
 * with the dice of a run before; threads are left to themselves.
 */
class SpliceTest {
  private static final Logger LOG = LoggerFactory.getLogger(SpliceTest.class);
  private static final int SECONDS = Integer.getInteger("ssegateway.splice.seconds", 6);
  private static final int CHANNELS = 12;
  private static final int LANES = 3;
  private static final int PUBLISHERS = 3;
  private static final int SUBSCRIBERS = 300;
  private static final int STIRRERS = 3;
  private static final long ROOMY_BYTES = 256L * 1024 * 1024;
  private static final long TIGHT_BYTES = 96 * 1024;

  private final long seed =
      Long.getLong("ssegateway.splice.seed", ThreadLocalRandom.current().nextLong());
  private final StreamChecker checker = new StreamChecker();
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong journalled = new AtomicLong();
  private final AtomicBoolean publishing = new AtomicBoolean(true);
  private final List<ThreadLaneExecutor> executors = new ArrayList<>();
  private final List<Lane> lanes = new ArrayList<>();

  @Test
  void withRoomyHistoryEverySubscriberSeesEveryEventOnceAndInOrder() throws Exception {
    List<Client> clients = run(ROOMY_BYTES);
    assertThat(gaps(clients)).isEmpty();
  }

  @Test
  void withTightHistoryEverySubscriberSeesEveryEventOrAGapThatAccountsForIt() throws Exception {
    List<Client> clients = run(TIGHT_BYTES);
    assertThat(gaps(clients)).containsKey("expired").containsKey("unknown_epoch");
  }

  private List<Client> run(long historyBytes) throws Exception {
    LOG.info("splice: seed {} ({} s, {} bytes of history)", seed, SECONDS / 2.0, historyBytes);
    boolean tight = historyBytes == TIGHT_BYTES;
    EngineOptions options =
        EngineOptions.DEFAULTS.toBuilder()
            .ringSize(1024)
            .replayThreads(2)
            .heartbeatMs(100)
            .stallTimeoutMs(600_000)
            .build();
    List<Client> clients = new ArrayList<>();
    try (Engine engine =
        Engine.builder()
            .options(options)
            .journal(new MemoryJournal(historyBytes, 0))
            .lanes(0)
            .build()) {
      engine.start();
      for (int i = 0; i < LANES; i++) {
        ThreadLaneExecutor executor = new ThreadLaneExecutor(i);
        executors.add(executor);
        lanes.add(engine.addLane(executor));
      }
      Random dice = new Random(seed);
      for (int i = 0; i < SUBSCRIBERS; i++) {
        Set<String> names = new LinkedHashSet<>();
        int count = 1 + dice.nextInt(3);
        while (names.size() < count) {
          names.add("channel-" + dice.nextInt(CHANNELS));
        }
        Random own = new Random(dice.nextLong());
        clients.add(
            i % 5 == 0
                ? new EventClient(engine, names, own)
                : new ByteClient(engine, names, own, tight));
      }
      List<Thread> publishers = new ArrayList<>();
      for (int i = 0; i < PUBLISHERS; i++) {
        publishers.add(startPublisher(engine, i, new Random(dice.nextLong()), historyBytes));
      }
      stir(clients, dice);
      publishing.set(false);
      for (Thread publisher : publishers) {
        publisher.join(10_000);
        assertThat(publisher.isAlive()).isFalse();
      }
      await().until(() -> journalled.get() == accepted.get());
      await()
          .atMost(Duration.ofSeconds(20))
          .pollInterval(Duration.ofMillis(5))
          .until(() -> clients.stream().allMatch(Client::isSettled));
      clients.forEach(Client::settle);
      awaitEverything(clients);
      report(engine, clients);
      for (Client client : clients) {
        assertThat(client.stream.problems()).as("%s, seed %d", client, seed).isEmpty();
        assertThat(client.disorder).as("%s, seed %d", client, seed).isNull();
      }
      assertThat(engine.count(Counter.SLOW_TRANSITIONS)).isPositive();
      assertThat(engine.count(Counter.REPLAYED)).isPositive();
      assertThat(engine.count(Counter.DELIVERED)).isPositive();
      assertThat(engine.count(Counter.CONTAINED_FAILURES)).isZero();
    } finally {
      executors.forEach(ThreadLaneExecutor::stop);
    }
    return clients;
  }

  private static void awaitEverything(List<Client> clients) {
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(20))
        .untilAsserted(
            () -> {
              for (Client client : clients) {
                boolean broken = !client.stream.problems().isEmpty();
                assertThat(broken || client.stream.hasEverything())
                    .as("%s at %d", client, client.stream.cursor())
                    .isTrue();
              }
            });
  }

  private static Map<String, Integer> gaps(List<Client> clients) {
    Map<String, Integer> gaps = new TreeMap<>();
    clients.forEach(
        c -> c.stream.gaps().forEach((reason, n) -> gaps.merge(reason, n, Integer::sum)));
    return gaps;
  }

  private void report(Engine engine, List<Client> clients) {
    LOG.info(
        "splice: {} events, {} live and {} replayed deliveries, {} connects, {} slow, gaps {}",
        journalled,
        engine.count(Counter.DELIVERED),
        engine.count(Counter.REPLAYED),
        engine.count(Counter.CONNECTS),
        engine.count(Counter.SLOW_TRANSITIONS),
        gaps(clients));
  }

  /** Does things to clients at random until the time is up; each thread has clients of its own. */
  private static void stir(List<Client> clients, Random dice) throws InterruptedException {
    long end = System.nanoTime() + SECONDS * 500_000_000L;
    List<Thread> threads = new ArrayList<>();
    int share = clients.size() / STIRRERS;
    for (int i = 0; i < STIRRERS; i++) {
      List<Client> own = clients.subList(i * share, (i + 1) * share);
      Random ownDice = new Random(dice.nextLong());
      Thread thread = new Thread(() -> stirUntil(end, own, ownDice), "stirrer-" + i);
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join(20_000);
      assertThat(thread.isAlive()).isFalse();
    }
  }

  private static void stirUntil(long end, List<Client> clients, Random dice) {
    while (System.nanoTime() < end) {
      Client client = clients.get(dice.nextInt(clients.size()));
      if (client.isSettled()) {
        client.doSomething();
      }
      LockSupport.parkNanos(100_000);
    }
  }

  private Thread startPublisher(Engine engine, int number, Random dice, long historyBytes) {
    Thread thread =
        new Thread(
            () -> {
              long n = 0;
              while (publishing.get()
                  && (historyBytes == TIGHT_BYTES
                      || engine.journal().sizeBytes() < historyBytes * 9 / 10)) {
                List<Message> messages = new ArrayList<>();
                int count = dice.nextInt(10) == 0 ? 1 + dice.nextInt(30) : 1;
                for (int i = 0; i < count; i++) {
                  messages.add(message(number, n++, dice));
                }
                publish(engine, messages);
              }
            },
            "publisher-" + number);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static Message message(int publisher, long n, Random dice) {
    int pad = dice.nextInt(1000) == 0 ? dice.nextInt(40_000) : dice.nextInt(60);
    return Message.builder()
        .channel(dice.nextInt(50) == 0 ? null : "channel-" + dice.nextInt(CHANNELS))
        .data(publisher + ":" + n + ":" + ".".repeat(pad))
        .build();
  }

  private void publish(Engine engine, List<Message> messages) {
    accepted.addAndGet(messages.size());
    PublishListener listener =
        new PublishListener() {
          @Override
          public void onJournalled(int index, long position) {
            checker.published(position, messages.get(index).channel());
            journalled.incrementAndGet();
          }

          @Override
          public void onRefused(int index, Refusal refusal, String detail) {
            LOG.error("refused: {} {}", refusal, detail); // and then the sums do not agree
          }
        };
    PublishResult result;
    while ((result = engine.publisher().publish(messages, listener))
        == PublishResult.BACK_PRESSURED) {
      LockSupport.parkNanos(20_000);
    }
    if (result != PublishResult.PUBLISHED) {
      throw new AssertionError(result);
    }
  }

  /** Somebody who listens, with interruptions. The test's thread drives it, lanes feed it. */
  private abstract class Client {
    final Engine engine;
    final Set<String> names;
    final Random dice;
    final StreamChecker.Stream stream;
    private final long[] lastOfPublisher = new long[PUBLISHERS];
    volatile String disorder;
    volatile CompletableFuture<Void> busy = CompletableFuture.completedFuture(null);

    Client(Engine engine, Set<String> names, Random dice, long startsAfter) {
      this.engine = engine;
      this.names = names;
      this.dice = dice;
      this.stream = checker.stream(names, startsAfter);
      forgetOrder();
    }

    final void forgetOrder() {
      java.util.Arrays.fill(lastOfPublisher, -1);
    }

    /** Each publisher's events come in the order in which it published them. */
    final void sawData(String data) {
      int first = data.indexOf(':');
      int publisher = Integer.parseInt(data.substring(0, first));
      long n = Long.parseLong(data.substring(first + 1, data.indexOf(':', first + 1)));
      if (n <= lastOfPublisher[publisher]) {
        disorder =
            "event " + n + " of publisher " + publisher + " after " + lastOfPublisher[publisher];
      }
      lastOfPublisher[publisher] = n;
    }

    /** Whether what it was told to do last is done. */
    final boolean isSettled() {
      return busy.isDone();
    }

    abstract void doSomething();

    /** Connects, if it is not connected, and listens from now on. */
    abstract void settle();

    @Override
    public String toString() {
      return getClass().getSimpleName() + names;
    }
  }

  /** A client of the bytes, as a socket would be. */
  private final class ByteClient extends Client {
    private final boolean forgetful;
    private volatile ThreadLaneExecutor executor;
    private Connection connection; // of the lane that it is on
    private boolean deaf;
    private boolean calm;

    ByteClient(Engine engine, Set<String> names, Random dice, boolean forgetful) {
      super(engine, names, dice, -1);
      this.forgetful = forgetful;
    }

    @Override
    void doSomething() {
      if (executor == null) {
        connect();
        return;
      }
      CompletableFuture<Void> done = new CompletableFuture<>();
      busy = done;
      int what = dice.nextInt(4);
      ThreadLaneExecutor lane = executor;
      lane.execute(
          () -> {
            if (what == 0) {
              connection.onClosed(CloseReason.CLIENT);
              connection = null;
              executor = null;
            } else if (what == 1) {
              deaf = true;
            } else {
              hear();
            }
            done.complete(null);
          });
    }

    private void hear() {
      deaf = false;
      if (connection != null) {
        connection.onWritable();
      }
    }

    private void connect() {
      int index = dice.nextInt(LANES);
      boolean forget = forgetful && dice.nextInt(40) == 0;
      CompletableFuture<Void> done = new CompletableFuture<>();
      busy = done;
      ThreadLaneExecutor lane = executors.get(index);
      lane.execute(
          () -> {
            deaf = false;
            long cursor = stream.cursor();
            String id = cursor < 0 ? null : forget ? "gone-" + cursor : engine.eventId(cursor);
            Mouth mouth = new Mouth(lane);
            connection = lanes.get(index).connect(names, id, mouth);
            mouth.own = connection;
            done.complete(null);
          });
      executor = lane;
    }

    @Override
    void settle() {
      if (executor == null) {
        connect();
      }
      executor.execute(
          () -> {
            calm = true;
            hear();
          });
    }

    private final class Mouth implements Outlet {
      private final ThreadLaneExecutor lane;
      private Connection own; // once it is connected
      private boolean resting;

      Mouth(ThreadLaneExecutor lane) {
        this.lane = lane;
      }

      @Override
      public boolean offer(DirectBuffer buffer, int offset, int length) {
        if (deaf || resting) {
          return false;
        }
        if (!calm && stream.cursor() >= 0 && dice.nextInt(2000) == 0) {
          resting = true;
          lane.schedule(
              () -> {
                resting = false;
                if (own != null && !deaf) {
                  own.onWritable();
                }
              },
              1 + dice.nextInt(20));
          return false;
        }
        byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        for (Block block : WireEvents.parse(bytes)) {
          if (block.type().equals("gap") && block.data().contains("unknown_epoch")) {
            forgetOrder();
          }
          stream.sawWire(block);
          if (block.isEvent() && !block.type().equals("gap")) {
            sawData(block.data());
          }
        }
        return true;
      }

      @Override
      public boolean isWritable() {
        return !deaf && !resting;
      }

      @Override
      public int pendingBytes() {
        return 0;
      }

      @Override
      public void close(CloseReason reason) {
        // the test ends
      }
    }
  }

  /** A client of the events, inside the process. */
  private final class EventClient extends Client {
    private Subscription subscription; // the test's thread's
    private Ear ear;
    private volatile boolean deaf;

    EventClient(Engine engine, Set<String> names, Random dice) {
      super(engine, names, dice, engine.journal().newestPosition());
    }

    @Override
    void doSomething() {
      if (subscription == null) {
        deaf = false;
        ear = new Ear();
        subscription = engine.subscribe(names, engine.eventId(stream.cursor()), ear);
        return;
      }
      switch (dice.nextInt(4)) {
        case 0 -> {
          busy = ear.ended; // it may be called until then
          subscription.close();
          subscription = null;
        }
        case 1 -> deaf = true;
        default -> hear();
      }
    }

    private void hear() {
      deaf = false;
      subscription.resume();
    }

    @Override
    void settle() {
      if (subscription == null) {
        doSomething();
      }
      hear();
    }

    private final class Ear implements Subscriber {
      private final CompletableFuture<Void> ended = new CompletableFuture<>();

      @Override
      public boolean onEvent(ReceivedEvent event) {
        if (deaf) {
          return false;
        }
        stream.saw(Long.parseLong(event.id().substring(event.id().lastIndexOf('-') + 1)));
        sawData(event.data());
        return true;
      }

      @Override
      public void onGap(GapReason reason, String requested, String resumedAt) {
        stream.gap(
            reason.text(), Long.parseLong(resumedAt.substring(resumedAt.lastIndexOf('-') + 1)));
      }

      @Override
      public void onClosed(CloseReason reason) {
        ended.complete(null);
      }
    }
  }
}
