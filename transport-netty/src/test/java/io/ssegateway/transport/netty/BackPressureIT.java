package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.engine.Counter;
import io.ssegateway.engine.journal.Journal;
import io.ssegateway.engine.journal.JournalEntry;
import io.ssegateway.engine.journal.JournalReader;
import io.ssegateway.engine.journal.MemoryJournal;
import io.ssegateway.engine.journal.Refusal;
import io.ssegateway.transport.netty.testing.HttpAnswer;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.StreamClient;
import java.net.SocketTimeoutException;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a publisher hears when the ring is full, the journal refuses, or the gateway drains. */
class BackPressureIT extends GatewayCase {
  private static final String HELLO = "{\"channel_id\":\"news\",\"data\":\"hello\"}";

  /** A journal whose commits wait for a permit, and which may refuse. */
  private static final class StagedJournal implements Journal {
    private final MemoryJournal inner = new MemoryJournal();
    private final Semaphore commits = new Semaphore(0);
    private volatile String refusal;
    private volatile boolean refuseLate;

    @Override
    public String name() {
      return "staged";
    }

    @Override
    public String epoch() {
      return inner.epoch();
    }

    @Override
    public long newestPosition() {
      return inner.newestPosition();
    }

    @Override
    public long oldestPosition() {
      return inner.oldestPosition();
    }

    @Override
    public long sizeBytes() {
      return inner.sizeBytes();
    }

    @Override
    public void append(JournalEntry entry) {
      if (refuseLate) {
        entry.refused(Refusal.JOURNAL_FULL, "no room for it");
      } else {
        inner.append(entry);
      }
    }

    @Override
    public void commit() {
      commits.acquireUninterruptibly();
      inner.commit();
    }

    @Override
    public JournalReader open(Collection<String> channels, long after, int maxEvents) {
      return inner.open(channels, after, maxEvents);
    }

    @Override
    public String refusesBecause() {
      return refusal;
    }

    @Override
    public void close() {
      inner.close();
    }
  }

  @Test
  void aPublisherIsAnsweredWhenTheJournalHasItsEventAndNotBefore() throws Exception {
    StagedJournal journal = new StagedJournal();
    start(o -> o, e -> e, journal);
    try (StreamClient stream = StreamClient.listen(port, "channel_id=news");
        RawClient client = RawClient.connect(port)) {
      client.send(RawClient.post(HELLO, ""));
      await("the event is in the ring", () -> gateway.engine().ringRemaining() < 8192);

      client.timeout(300);
      org.assertj.core.api.Assertions.assertThatThrownBy(client::answer)
          .isInstanceOf(SocketTimeoutException.class);
      stream.connection().timeout(300);
      org.assertj.core.api.Assertions.assertThatThrownBy(stream::next)
          .isInstanceOf(SocketTimeoutException.class);

      journal.commits.release(1_000_000);
      client.timeout(10_000);
      stream.connection().timeout(10_000);
      assertThat(client.answer().status()).isEqualTo(200);
      assertThat(stream.nextEvent().data()).isEqualTo("hello");
    }
  }

  @Test
  void aFullRingIsAnsweredByRetryAfterAndTakesNothing() throws Exception {
    StagedJournal journal = new StagedJournal();
    start(o -> o, e -> e.ringSize(8), journal);
    try (StreamClient stream = StreamClient.listen(port, "channel_id=news");
        RawClient waiting = RawClient.connect(port)) {
      int taken = 0;
      HttpAnswer refused = null;
      StringBuilder accepted = new StringBuilder();
      // four at a time: they are taken together or not at all
      String four = "[" + (HELLO + ",").repeat(3) + HELLO + "]";
      while (refused == null) {
        long before = count(Counter.BACK_PRESSURED);
        long room = gateway.engine().ringRemaining();
        waiting.send(RawClient.post(four, ""));
        await(
            "taken or refused",
            () ->
                count(Counter.BACK_PRESSURED) > before
                    || gateway.engine().ringRemaining() <= room - 4);
        if (count(Counter.BACK_PRESSURED) > before) {
          refused = RawClient.publish(port, four);
        } else {
          taken += 4;
          accepted.append('.');
        }
      }
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.header("Retry-After")).isEqualTo("1");
      assertThat(refused.header("Content-Type")).isEqualTo("application/problem+json");
      assertThat(refused.field("detail")).contains("nothing was published");

      journal.commits.release(1_000_000);
      for (int i = 0; i < accepted.length(); i++) {
        assertThat(waiting.answer().status()).isEqualTo(200);
      }
      assertThat(waiting.answer().status()).isEqualTo(503);
      // an answer goes out when the event is committed, which is before its place is free again
      await("room for one more", () -> gateway.engine().ringRemaining() > 0);
      assertThat(RawClient.publish(port, "{\"channel_id\":\"news\",\"data\":\"end\"}").status())
          .isEqualTo(200);
      for (int i = 0; i < taken; i++) {
        assertThat(stream.nextEvent().data()).isEqualTo("hello");
      }
      assertThat(stream.nextEvent().data()).isEqualTo("end");
    }
  }

  @Test
  void aJournalThatTakesNothingIsAnsweredBy507() throws Exception {
    StagedJournal journal = new StagedJournal();
    journal.commits.release(1_000_000);
    start(o -> o, e -> e, journal);
    try (StreamClient stream = StreamClient.listen(port, "channel_id=news")) {
      journal.refusal = "the disk is full";
      HttpAnswer early = RawClient.publish(port, HELLO);
      assertThat(early.status()).isEqualTo(507);
      assertThat(early.field("detail")).contains("the disk is full");
      assertThat(early.header("Retry-After")).isEqualTo("1");
      HttpAnswer ready = RawClient.exchange(port, "GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(ready.status()).isEqualTo(503);
      assertThat(ready.body()).contains("the disk is full");

      journal.refusal = null;
      journal.refuseLate = true;
      HttpAnswer late = RawClient.publish(port, "[" + HELLO + "," + HELLO + "]");
      assertThat(late.status()).isEqualTo(507);
      assertThat(late.field("detail")).contains("no room for it", "0 of 2");
      assertThat(late.header("Retry-After")).isEqualTo("1");

      journal.refuseLate = false;
      publish("news", "room again");
      assertThat(stream.nextEvent().data()).isEqualTo("room again");
    }
    assertThat(count(Counter.PUBLISHED)).isEqualTo(1);
  }

  /** The connection ends behind a refusal, whatever was asked behind it. */
  @Test
  void whatStandsBehindTheLastAnswerIsNotAnswered() throws Exception {
    StagedJournal journal = new StagedJournal();
    start(o -> o.drainMs(0), e -> e, journal);
    try (RawClient client = RawClient.connect(port)) {
      client.send(RawClient.post(HELLO, ""));
      await("the event is in the ring", () -> gateway.engine().ringRemaining() < 8192);
      CompletableFuture<Boolean> drained = CompletableFuture.supplyAsync(gateway::drain);
      await("draining", () -> gateway.engine().isDraining());
      client.send(RawClient.post(HELLO, "") + "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");

      journal.commits.release(1_000_000);

      assertThat(client.answer().status()).isEqualTo(200);
      HttpAnswer last = client.answer();
      assertThat(last.status()).isEqualTo(503);
      assertThat(last.header("Connection")).isEqualTo("close");
      assertThat(client.readToEnd()).isEmpty();
      assertThat(drained.get(10, TimeUnit.SECONDS)).isTrue();
    }
  }
}
