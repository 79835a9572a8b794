package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.engine.ConnectionInfo;
import io.ssegateway.engine.Counter;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.journal.MemoryJournal;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.SseBlock;
import io.ssegateway.transport.netty.testing.StreamClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Clients that do not read: they cost nobody else anything, and lose nothing themselves. */
class SlowClientIT extends GatewayCase {
  private static final int SMALL_WINDOW = 4096;
  private static final int MAX_PENDING = 32 * 1024;
  private static final long HISTORY = 256L * 1024 * 1024;

  private StreamClient unread(String query) throws Exception {
    return new StreamClient(
        RawClient.connect(port, SMALL_WINDOW).send(StreamClient.request(query)));
  }

  /** Publishes until as many connections as that have fallen back; answers the number of events. */
  private int publishUntilSlow(int from, long transitions, String padding) throws Exception {
    int next = from;
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (count(Counter.SLOW_TRANSITIONS) < transitions) {
      assertThat(System.nanoTime()).as("no client fell back").isLessThan(deadline);
      for (int i = 0; i < 50; i++) {
        gateway.publisher().publishOrWait(Message.of("news", next++ + " " + padding), null);
      }
    }
    return next;
  }

  private List<ConnectionInfo> connections() throws Exception {
    return gateway.engine().connections(0, 1000).get(5, TimeUnit.SECONDS);
  }

  private static void assertInOrder(StreamClient client, int from, int to) throws Exception {
    for (int i = from; i < to; i++) {
      String data = client.nextEvent().data();
      assertThat(data.substring(0, data.indexOf(' '))).isEqualTo(String.valueOf(i));
    }
  }

  @Test
  void aClientThatPausesFallsBackToTheJournalAndMissesNothing() throws Exception {
    start(o -> o.maxPendingBytes(MAX_PENDING), e -> e, new MemoryJournal(HISTORY, 0));
    String padding = "x".repeat(900);
    try (StreamClient slow = unread("channel_id=news");
        StreamClient healthy = StreamClient.listen(port, "channel_id=news")) {
      slow.next();
      CompletableFuture<Void> reading = new CompletableFuture<>();
      int[] read = {0};
      Thread reader =
          new Thread(
              () -> {
                try {
                  while (true) {
                    String data = healthy.nextEvent().data();
                    if (data.equals("end")) {
                      break;
                    }
                    assertThat(data).startsWith(read[0]++ + " ");
                  }
                  reading.complete(null);
                } catch (Throwable e) {
                  reading.completeExceptionally(e);
                }
              });
      reader.start();
      int sent = 0;
      int seen = 0;
      for (int round = 1; round <= 3; round++) {
        sent = publishUntilSlow(sent, count(Counter.SLOW_TRANSITIONS) + 1, padding);
        for (int i = 0; i < 2000; i++) {
          gateway.publisher().publishOrWait(Message.of("news", sent++ + " " + padding), null);
        }
        long owed =
            connections().stream().mapToLong(ConnectionInfo::pendingBytes).max().orElseThrow();
        assertThat(owed).isLessThanOrEqualTo(MAX_PENDING + 64 * 1024);

        assertInOrder(slow, seen, sent);
        seen = sent;
        await(
            "the client is live again",
            () -> connections().stream().allMatch(c -> c.state().name().equals("LIVE")));
      }
      long replayed = count(Counter.REPLAYED);
      gateway.publisher().publishOrWait(Message.of("news", "end"), null);
      assertThat(slow.nextEvent().data()).isEqualTo("end");
      assertThat(count(Counter.REPLAYED)).as("live, not replayed").isEqualTo(replayed);
      reading.get(10, TimeUnit.SECONDS);
      assertThat(read[0]).isEqualTo(sent);
      assertThat(count(Counter.CLOSED_STALLED)).isZero();
    }
  }

  /** A replay that waits for a client must go on when the last of its bytes is sent. */
  @Test
  void aSlowReplayGoesOnByItself() throws Exception {
    start(o -> o.maxPendingBytes(MAX_PENDING), e -> e, new MemoryJournal(HISTORY, 0));
    String first = publish("news", "first");
    for (int i = 0; i < 8000; i++) {
      gateway.publisher().publishOrWait(Message.of("news", i + " " + "x".repeat(900)), null);
    }
    try (StreamClient slow = unread("channel_id=news&last_event_id=" + first)) {
      await("the socket is full", () -> connections().stream().anyMatch(c -> c.pendingBytes() > 0));

      assertInOrder(slow, 0, 8000);
      publish("news", "live");
      assertThat(slow.nextEvent().data()).isEqualTo("live");
    }
  }

  @Test
  void aClientThatStaysStalledIsClosedAndCounted() throws Exception {
    start(
        o -> o.maxPendingBytes(MAX_PENDING),
        e -> e.stallTimeoutMs(400),
        new MemoryJournal(HISTORY, 0));
    try (StreamClient stalled = unread("channel_id=news");
        StreamClient healthy = StreamClient.listen(port, "channel_id=quiet")) {
      await(
          "closed as stalled",
          () -> {
            for (int i = 0; i < 500; i++) {
              gateway.publisher().publishOrWait(Message.of("news", "x".repeat(900)), null);
            }
            return count(Counter.CLOSED_STALLED) == 1;
          });
      assertThat(gateway.engine().subscribers().total()).isEqualTo(1);
      publish("quiet", "still here");
      assertThat(healthy.nextEvent().data()).isEqualTo("still here");
      long last = 0;
      try {
        for (SseBlock block = stalled.next(); ; block = stalled.next()) {
          assertThat(block.position()).isGreaterThanOrEqualTo(last);
          last = block.position();
        }
      } catch (java.io.IOException e) {
        // the end, or a reset
      }
    }
  }

  /** Seen once in a prototype: clients that never read took healthy ones with them. */
  @Test
  void clientsThatNeverReadLargeFramesTakeNobodyWithThem() throws Exception {
    start(
        o -> o,
        e -> e.stallTimeoutMs(700).heartbeatMs(500),
        new MemoryJournal(64L * 1024 * 1024, 0));
    String padding = "x".repeat(60_000);
    int events = 120;
    List<StreamClient> unread = new ArrayList<>();
    List<CompletableFuture<Void>> healthy = new ArrayList<>();
    List<StreamClient> streams = new ArrayList<>();
    try {
      for (int i = 0; i < 20; i++) {
        unread.add(unread("channel_id=news"));
        StreamClient stream =
            StreamClient.listen(
                port, i % 2 == 0 ? "channel_id=news" : "channel_id=news&channel_id=b");
        streams.add(stream);
        healthy.add(
            CompletableFuture.runAsync(
                () -> {
                  try {
                    assertInOrder(stream, 0, events);
                  } catch (Exception e) {
                    throw new AssertionError(e);
                  }
                },
                task -> {
                  Thread thread = new Thread(task, "healthy");
                  thread.setDaemon(true);
                  thread.start();
                }));
      }
      for (int i = 0; i < events; i++) {
        gateway.publisher().publishOrWait(Message.of("news", i + " " + padding), null);
        if (i % 20 == 19) {
          Thread.sleep(50); // a rate that the healthy can read at
        }
      }
      CompletableFuture.allOf(healthy.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
      await("the unread are closed", () -> count(Counter.CLOSED_STALLED) == 20);
      assertThat(gateway.engine().subscribers().total()).isEqualTo(20);
      assertThat(count(Counter.CLOSED_BY_ERROR)).isZero();
      assertThat(count(Counter.CLOSED_PEER_DEAD)).isZero();
      publish("news", events + " end");
      for (StreamClient stream : streams) {
        assertInOrder(stream, events, events + 1);
      }
    } finally {
      for (StreamClient stream : unread) {
        stream.close();
      }
      for (StreamClient stream : streams) {
        stream.close();
      }
    }
  }
}
