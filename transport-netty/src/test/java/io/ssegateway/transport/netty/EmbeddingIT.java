package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ssegateway.engine.Counter;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.ProgrammaticSource;
import io.ssegateway.engine.PublishResult;
import io.ssegateway.engine.journal.MemoryJournal;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.StreamClient;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The gateway as a part of a program. */
class EmbeddingIT extends GatewayCase {

  private Gateway.Builder builder() {
    return Gateway.builder()
        .options(GatewayOptions.DEFAULTS.toBuilder().transport(kind).build())
        .port(0);
  }

  @Test
  void aProgramFeedsItsOwnSourceAndTellsItsPort() throws Exception {
    ProgrammaticSource source = new ProgrammaticSource();
    try (Gateway embedded = builder().source(source).journal(new MemoryJournal()).build()) {
      assertThatThrownBy(embedded::port).isInstanceOf(IllegalStateException.class);
      assertThat(source.publish(Message.of("news", "too early"))).isEqualTo(PublishResult.CLOSED);

      embedded.start();

      assertThat(embedded.port()).isPositive();
      assertThat(embedded.transport()).isEqualTo(kind);
      assertThat(embedded.address().getAddress().isLoopbackAddress()).isTrue();
      try (StreamClient stream = StreamClient.listen(embedded.port(), "channel_id=news")) {
        assertThat(source.publish(Message.of("news", "hello"))).isEqualTo(PublishResult.PUBLISHED);
        assertThat(stream.nextEvent().data()).isEqualTo("hello");
      }
    }
    assertThat(source.publish(Message.of("news", "too late"))).isEqualTo(PublishResult.CLOSED);
  }

  @Test
  void aGatewayStartsOnce() throws Exception {
    start();

    assertThatThrownBy(gateway::start)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("started before");
    publish("news", "it still serves");
    gateway.close();
    gateway.close();
    assertThatThrownBy(gateway::start).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> RawClient.connect(port)).isInstanceOf(ConnectException.class);
  }

  @Test
  void aGatewayThatNeverStartedCloses() {
    Gateway never = builder().build();
    never.close();
    never.close();
  }

  @Test
  void aPortInUseIsNamed() throws Exception {
    start();
    try (Gateway second = builder().port(port).build()) {
      assertThatThrownBy(second::start)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cannot listen on 127.0.0.1:" + port)
          .hasMessageContaining("Address already in use");
    }
    publish("news", "the first is not disturbed");
  }

  @Test
  void aHostThatIsNoneIsNamed() {
    try (Gateway nowhere = builder().host("no-such-host.invalid").build()) {
      assertThatThrownBy(nowhere::start)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("no-such-host.invalid");
    }
  }

  @Test
  void closeWithOpenStreamsIsFast() throws Exception {
    start();
    List<StreamClient> streams = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      streams.add(StreamClient.listen(port, "channel_id=news"));
    }
    try (RawClient idle = RawClient.connect(port);
        RawClient kept = RawClient.connect(port)) {
      kept.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
      kept.answer();
      long begin = System.nanoTime();

      gateway.close();

      assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin)).isLessThan(3000);
      for (StreamClient stream : streams) {
        assertThat(stream.rest()).isEmpty();
        stream.close();
      }
      assertThat(idle.readToEnd()).isEmpty();
      assertThat(kept.readToEnd()).isEmpty();
    }
    assertThat(count(Counter.CLOSED_BY_SERVER)).isEqualTo(100);
  }

  @Test
  void closeDuringLoadEndsEverythingWithoutAnError() throws Exception {
    start();
    AtomicBoolean stop = new AtomicBoolean();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int number = i;
      Thread thread = new Thread(() -> load(number, stop), "load-" + i);
      thread.start();
      threads.add(thread);
    }
    await("load", () -> count(Counter.PUBLISHED) > 2000 && count(Counter.CONNECTS) > 20);
    long begin = System.nanoTime();

    gateway.close();

    assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin)).isLessThan(4000);
    stop.set(true);
    for (Thread thread : threads) {
      thread.join(10_000);
      assertThat(thread.isAlive()).isFalse();
    }
    assertThat(count(Counter.CONTAINED_FAILURES)).isZero();
  }

  /** A matter of chance in each round: a client has to come just when the loops end. */
  @Test
  void closeLeavesNobodyWaitingWhoComesMeanwhile() throws Exception {
    AtomicInteger waiting = new AtomicInteger();
    for (int round = 0; round < 25; round++) {
      start();
      AtomicInteger answered = new AtomicInteger();
      AtomicBoolean stop = new AtomicBoolean();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        Thread thread = new Thread(() -> comeAndGo(stop, answered, waiting), "come-" + i);
        thread.start();
        threads.add(thread);
      }
      await("they come", () -> answered.get() > 30);
      gateway.close();
      stop.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(waiting).as("round %d", round).hasValue(0);
    }
  }

  private void comeAndGo(AtomicBoolean stop, AtomicInteger answered, AtomicInteger waiting) {
    while (!stop.get()) {
      try (RawClient client = RawClient.connect(port)) {
        client.timeout(3_000);
        client.send("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        client.readToEnd();
        answered.incrementAndGet();
      } catch (SocketTimeoutException e) {
        waiting.incrementAndGet();
      } catch (IOException e) {
        // closed, or not there any more
      }
    }
  }

  private void load(int number, AtomicBoolean stop) {
    while (!stop.get()) {
      try (RawClient client = RawClient.connect(port)) {
        switch (number) {
          case 0 -> {
            for (int i = 0; i < 200 && !stop.get(); i++) {
              client.send(
                  RawClient.post("{\"channel_id\":\"news\",\"data\":" + i + "}", "").repeat(20));
              for (int k = 0; k < 20; k++) {
                client.answer();
              }
            }
          }
          case 1 -> {
            StreamClient stream =
                new StreamClient(client.send(StreamClient.request("channel_id=news")));
            stream.nextData(20);
          }
          default -> new StreamClient(client.send(StreamClient.request("channel_id=news"))).next();
        }
      } catch (IOException e) {
        if (e instanceof ConnectException) {
          return; // it is closed
        }
      }
    }
  }
}
