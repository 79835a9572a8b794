package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import io.ssegateway.engine.Connection;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.StreamClient;
import java.lang.reflect.Field;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/**
 * What a stream costs beside its socket: no handler, no timer and no task that it does not need.
 */
class StreamCostIT extends GatewayCase {

  @Test
  void aStreamIsABareSocketOnEpollAndElsewhereAPipelineOfOneHandler() throws Exception {
    start();
    try (StreamClient plain = StreamClient.listen(port, "channel_id=plain");
        RawClient kept = RawClient.connect(port)) {
      kept.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
      kept.answer();
      StreamClient handedOver =
          new StreamClient(kept.send(StreamClient.request("channel_id=handed.over")));
      handedOver.next();
      assertThat(plain.head().status()).isEqualTo(200);

      Map<String, Object> outlets = outlets();

      assertThat(outlets).hasSize(2);
      if (kind == TransportKind.EPOLL) {
        assertThat(outlets.get("[plain]")).isInstanceOf(LeanSocket.class);
        assertThat(outlets.get("[handed.over]")).isInstanceOf(EpollOutlet.class);
      }
      for (Object outlet : outlets.values()) {
        if (!(outlet instanceof LeanSocket)) {
          Channel channel = ((ChannelOutlet) outlet).channel;
          // the first bytes can be here before the loop has taken the codec out
          assertThat(channel.eventLoop().submit(() -> channel.pipeline().toMap().values()).get())
              .singleElement()
              .isInstanceOf(SseHandler.class);
        }
      }
    }
  }

  @Test
  void aStreamHasNoTimerOfItsOwn() throws Exception {
    start();
    int before = timers();
    List<StreamClient> streams = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      streams.add(StreamClient.listen(port, "channel_id=a"));
    }
    publish("a", "hello");
    for (StreamClient stream : streams) {
      assertThat(stream.nextEvent().data()).isEqualTo("hello");
    }

    assertThat(timers()).isLessThanOrEqualTo(before + 2);
    for (StreamClient stream : streams) {
      stream.close();
    }
  }

  @Test
  void aStreamWithACredentialThatExpiresIsAsBareAndHasNoTimerEither() throws Exception {
    Doorman doorman = new Doorman();
    gateway =
        Gateway.builder()
            .options(
                GatewayOptions.DEFAULTS.toBuilder().port(0).transport(kind).eventLoops(2).build())
            .authenticator(doorman)
            .build();
    gateway.start();
    port = gateway.port();
    int before = timers();
    String header =
        "Authorization: Bearer "
            + Doorman.LATER
            + doorman.tokenUntil(Instant.now().plusSeconds(3600));
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      clients.add(RawClient.connect(port).send(StreamClient.request("channel_id=news", header)));
    }
    await("all wait", () -> doorman.waiting() == 50);
    doorman.answerAll();
    for (RawClient client : clients) {
      new StreamClient(client).next();
    }

    assertThat(timers()).isLessThanOrEqualTo(before + 2);
    if (kind == TransportKind.EPOLL) {
      assertThat(outlets().values()).hasOnlyElementsOfType(LeanSocket.class);
    }
    for (RawClient client : clients) {
      client.close();
    }
  }

  /** The ends of all connections by their channels, which nobody but a test asks the lanes for. */
  private Map<String, Object> outlets() throws Exception {
    Map<String, Object> outlets = new HashMap<>();
    Object signals = field(gateway.engine(), "lanes");
    for (Object lane : (Object[]) field(signals, "lanes")) {
      Object connections = field(field(lane, "everyone"), "singles");
      int size = (int) field(connections, "size");
      for (int i = 0; i < size; i++) {
        Connection connection = (Connection) ((Object[]) field(connections, "connections"))[i];
        outlets.put(connection.channels().toString(), field(connection, "outlet"));
      }
    }
    return outlets;
  }

  private static Object field(Object owner, String name) throws Exception {
    Field field = owner.getClass().getDeclaredField(name);
    field.setAccessible(true);
    return field.get(owner);
  }

  /** The tasks that the loops have scheduled. */
  private int timers() throws Exception {
    Field field = AbstractScheduledEventExecutor.class.getDeclaredField("scheduledTaskQueue");
    field.setAccessible(true);
    int[] count = new int[1];
    for (EventExecutor loop : (EventLoopGroup) field(gateway, "loops")) {
      loop.submit(
              () -> {
                count[0] += ((Queue<?>) field.get(loop)).size();
                return null;
              })
          .sync();
    }
    return count[0];
  }
}
