package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.engine.Counter;
import io.ssegateway.engine.Message;
import io.ssegateway.transport.netty.testing.HttpAnswer;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.SseBlock;
import io.ssegateway.transport.netty.testing.StreamClient;
import io.ssegateway.transport.netty.testing.StreamSwarm;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Thousands of streams, and the limit on their number. */
class ManyStreamsIT extends GatewayCase {
  private static final int MOST_STREAMS = 3000;
  private static final int CHANNELS = 100;

  /** Expects the events of its channel and the broadcast between them, in this order. */
  private record Expecting(int channel, AtomicInteger seen, AtomicInteger total)
      implements StreamSwarm.Listener {
    @Override
    public void onBlock(SseBlock block) {
      if (block.isEvent()) {
        int number = seen.getAndIncrement();
        assertThat(block.data()).isEqualTo(number == 1 ? "to all" : channel + " " + number);
        total.incrementAndGet();
      }
    }
  }

  @Test
  void eventsAndBroadcastsReachAllOfThousandsOfStreams() throws Exception {
    start();
    int streams = kind == TransportKind.EPOLL ? MOST_STREAMS : MOST_STREAMS / 3;
    AtomicInteger total = new AtomicInteger();
    try (StreamSwarm swarm = new StreamSwarm()) {
      for (int i = 0; i < streams; i++) {
        int channel = i % CHANNELS;
        swarm.open(
            port,
            0,
            StreamClient.request("channel_id=c" + channel),
            new Expecting(channel, new AtomicInteger(), total));
      }
      await("all are connected", () -> count(Counter.CONNECTS) == streams);
      for (int number = 0; number < 3; number++) {
        for (int channel = 0; channel < CHANNELS; channel++) {
          Message message =
              number == 1
                  ? Message.broadcast("message", "to all")
                  : Message.of("c" + channel, channel + " " + number);
          if (number != 1 || channel == 0) {
            gateway.publisher().publishOrWait(message, null);
          }
        }
      }

      await("all have all of it", () -> total.get() == 3 * streams || swarm.failure() != null);
    }
    assertThat(gateway.engine().subscribers().total()).isBetween(0, streams);
    assertThat(count(Counter.CLOSED_BY_ERROR)).isZero();
    await("all are gone", () -> gateway.engine().subscribers().total() == 0);
  }

  @Test
  void overTheLimitTheNewcomerIsRefusedAndNobodyEvicted() throws Exception {
    start(o -> o.maxConnections(5), e -> e);
    StreamClient[] streams = new StreamClient[5];
    for (int i = 0; i < 5; i++) {
      streams[i] = StreamClient.listen(port, "channel_id=news");
    }
    for (int i = 0; i < 10; i++) {
      HttpAnswer refused = RawClient.exchange(port, StreamClient.request("channel_id=news"));
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.header("Retry-After")).isEqualTo("1");
      assertThat(refused.header("Connection")).isEqualTo("close");
      assertThat(refused.field("detail")).contains("5 are open");
    }
    publish("news", "still here");
    for (StreamClient stream : streams) {
      assertThat(stream.nextEvent().data()).isEqualTo("still here");
    }
    streams[0].close();
    await("one has left", () -> gateway.engine().subscribers().total() == 4);
    streams[0] = StreamClient.listen(port, "channel_id=news");
    publish("news", "and again");
    for (StreamClient stream : streams) {
      assertThat(stream.nextEvent().data()).isEqualTo("and again");
      stream.close();
    }
  }
}
