package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.engine.Connection;
import io.ssegateway.engine.Counter;
import io.ssegateway.engine.Message;
import io.ssegateway.transport.netty.testing.HttpAnswer;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.SseBlock;
import io.ssegateway.transport.netty.testing.StreamClient;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Draining: everything published is delivered, and the clients are sent away one by one. */
class DrainIT extends GatewayCase {

  @Test
  void streamsGetEverythingAndATimeToComeBackAndEndOneByOne() throws Exception {
    start(o -> o.drainMs(1000), e -> e.retryMs(1000));
    List<StreamClient> streams = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      streams.add(StreamClient.listen(port, "channel_id=news"));
    }
    for (int i = 0; i < 3000; i++) {
      gateway.publisher().publishOrWait(Message.of("news", String.valueOf(i)), null);
    }

    long begin = System.nanoTime();
    CompletableFuture<Boolean> drained = CompletableFuture.supplyAsync(gateway::drain);
    await("draining", () -> gateway.engine().isDraining());
    HttpAnswer ready = RawClient.exchange(port, "GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n");
    HttpAnswer health = RawClient.exchange(port, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    HttpAnswer send = RawClient.publish(port, "{\"channel_id\":\"news\",\"data\":\"late\"}");
    HttpAnswer connect = RawClient.exchange(port, StreamClient.request("channel_id=news"));

    assertThat(ready.status()).isEqualTo(503);
    assertThat(ready.body()).contains("draining");
    assertThat(health.status()).isEqualTo(200);
    for (HttpAnswer refused : List.of(send, connect)) {
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.header("Retry-After")).isEqualTo("1");
      assertThat(refused.header("Connection")).isEqualTo("close");
      assertThat(refused.field("detail")).contains("draining");
    }
    Set<Integer> retries = new HashSet<>();
    for (StreamClient stream : streams) {
      List<SseBlock> blocks = stream.rest();
      for (int i = 0; i < 3000; i++) {
        assertThat(blocks.get(i).data()).isEqualTo(String.valueOf(i));
      }
      assertThat(blocks).hasSize(3001);
      SseBlock goodbye = blocks.get(3000);
      assertThat(goodbye.isEvent()).isFalse();
      assertThat(goodbye.retryMs()).isBetween(500, 3000);
      retries.add(goodbye.retryMs());
      stream.close();
    }
    assertThat(drained.get(10, TimeUnit.SECONDS)).isTrue();
    assertThat(System.nanoTime() - begin).isGreaterThan(500_000_000L);
    assertThat(retries).hasSizeGreaterThan(10);
    assertThat(count(Counter.CLOSED_DRAINED)).isEqualTo(20);
  }

  /** One that reads the journal when the drain begins still gets all that was published. */
  @Test
  void aSlowStreamGetsEverythingToo() throws Exception {
    start(o -> o.drainMs(3000).maxPendingBytes(16 * 1024), e -> e);
    int events = 8000;
    try (StreamClient slow =
        new StreamClient(
            RawClient.connect(port, 4096).send(StreamClient.request("channel_id=news")))) {
      slow.next();
      for (int i = 0; i < events; i++) {
        gateway.publisher().publishOrWait(Message.of("news", i + "x".repeat(900)), null);
      }
      await(
          "it reads the journal",
          () ->
              gateway.engine().connections(0, 1).get().get(0).state()
                  == Connection.State.REPLAYING);

      CompletableFuture<Boolean> drained = CompletableFuture.supplyAsync(gateway::drain);
      await("draining", () -> gateway.engine().isDraining());
      List<SseBlock> blocks = slow.rest();

      assertThat(blocks).hasSize(events + 1);
      assertThat(blocks.get(events - 1).data()).startsWith((events - 1) + "x");
      assertThat(blocks.get(events).retryMs()).isPositive();
      assertThat(drained.get(10, TimeUnit.SECONDS)).isTrue();
    }
  }
}
