package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.epoll.Epoll;
import io.ssegateway.engine.Counter;
import io.ssegateway.engine.Lane;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.journal.MemoryJournal;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.SseBlock;
import io.ssegateway.transport.netty.testing.StreamClient;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Those who come must not hold up those who are there. */
class NewcomersIT {
  private static final int EVENTS = 20;

  /** Below the time after which a lane takes nobody for live. */
  private static final long MOST_BETWEEN_EVENTS_NS = TimeUnit.MILLISECONDS.toNanos(90);

  private static final int ROUNDS = 200;

  @Test
  void whoComesWaitsInTheBacklogWhileThoseBeforeHaveUsedTheTimeOfLiveEvents() throws Exception {
    assumeTrue(Epoll.isAvailable(), () -> "epoll does not load here: " + cause());
    try (Gateway gateway = start();
        StreamClient live = StreamClient.listen(gateway.port(), "channel_id=live")) {
      Lane lane = gateway.connections().iterator().next().lane;
      boolean whole = false;
      for (int round = 0; round < ROUNDS && !whole; round++) {
        event(gateway, live);
        owe(lane, 60);
        long began = System.nanoTime();
        event(gateway, live);
        long connects = gateway.engine().count(Counter.CONNECTS);
        try (RawClient newcomer = RawClient.connect(gateway.port())) {
          newcomer.send(StreamClient.request("channel_id=live"));
          whole = events(gateway, live, began);
          if (whole) {
            assertThat(gateway.engine().count(Counter.CONNECTS)).isEqualTo(connects);
          }
          assertThat(newcomer.answer(false).status()).as("once no event comes").isEqualTo(200);
        }
      }
      assertThat(whole)
          .as("in one of %d rounds no event was late, as on a stalled machine", ROUNDS)
          .isTrue();
    }
  }

  private static String cause() {
    return String.valueOf(Epoll.unavailabilityCause());
  }

  private static Gateway start() throws IOException {
    Gateway gateway =
        Gateway.builder()
            .options(
                GatewayOptions.DEFAULTS.toBuilder()
                    .port(0)
                    .eventLoops(1)
                    .transport(TransportKind.EPOLL)
                    .build())
            .journal(new MemoryJournal())
            .build();
    gateway.start();
    return gateway;
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
  private static boolean events(Gateway gateway, StreamClient live, long before)
      throws IOException {
    boolean punctual = true;
    long last = before;
    for (int i = 0; i < EVENTS; i++) {
      long began = System.nanoTime();
      event(gateway, live);
      punctual &= System.nanoTime() - last < MOST_BETWEEN_EVENTS_NS;
      last = began;
    }
    return punctual;
  }

  private static void event(Gateway gateway, StreamClient live) throws IOException {
    gateway.engine().publisher().publish(Message.builder().channel("live").data("x").build());
    SseBlock block = live.next();
    while (!block.isEvent()) {
      block = live.next();
    }
  }
}
