package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ssegateway.engine.Counter;
import io.ssegateway.engine.Lane;
import io.ssegateway.engine.Message;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.StreamClient;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Those who come must not hold up those who are there. */
class NewcomersIT extends GatewayCase {
  private static final int EVENTS = 20;

  /** Below the time after which a lane takes nobody for live. */
  private static final long MOST_BETWEEN_EVENTS_NS = TimeUnit.MILLISECONDS.toNanos(90);

  private static final int ROUNDS = 200;

  @Test
  void whoComesWaitsInTheBacklogWhileThoseBeforeHaveUsedTheTimeOfLiveEvents() throws Exception {
    assumeTrue(kind == TransportKind.EPOLL, "the others' listening sockets are Netty's");
    start(o -> o.eventLoops(1), e -> e);
    try (StreamClient live = StreamClient.listen(port, "channel_id=live")) {
      Lane lane = gateway.connections().iterator().next().lane;
      boolean whole = false;
      for (int round = 0; round < ROUNDS && !whole; round++) {
        event(live);
        owe(lane, 60);
        long began = System.nanoTime();
        event(live);
        long connects = count(Counter.CONNECTS);
        try (RawClient newcomer = RawClient.connect(port)) {
          newcomer.send(StreamClient.request("channel_id=live"));
          whole = events(live, began);
          if (whole) {
            assertThat(count(Counter.CONNECTS)).isEqualTo(connects);
          }
          assertThat(newcomer.answer(false).status()).as("once no event comes").isEqualTo(200);
        }
      }
      assertThat(whole)
          .as("in one of %d rounds no event was late, as on a stalled machine", ROUNDS)
          .isTrue();
    }
  }

  /** Has newcomers owe the time of so many seconds. */
  private static void owe(Lane lane, int seconds) throws Exception {
    CompletableFuture<Void> done = new CompletableFuture<>();
    lane.executor()
        .execute(
            () -> {
              lane.pace()
                  .spentSince(lane.executor().nanoTime() - TimeUnit.SECONDS.toNanos(seconds));
              done.complete(null);
            });
    done.get();
  }

  /** Publishes events and reads them; whether none was late, since one that began at a time. */
  private boolean events(StreamClient live, long before) throws IOException {
    boolean punctual = true;
    long last = before;
    for (int i = 0; i < EVENTS; i++) {
      long began = System.nanoTime();
      event(live);
      punctual &= System.nanoTime() - last < MOST_BETWEEN_EVENTS_NS;
      last = began;
    }
    return punctual;
  }

  private void event(StreamClient live) throws IOException {
    gateway.publisher().publish(Message.of("live", "x"));
    live.nextData(1);
  }
}
