package io.ssegateway.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What sources that hang, or are slow, are told of in the end, and how little waits for them. */
class SourceEventsTest {
  private static final int MAX_WAITING = 10;

  private final Counters counters = new Counters();
  private final Noting source = new Noting();
  private final SourceEvents events =
      new SourceEvents(List.of(source), counters, LoggerFactory.getLogger(getClass()), MAX_WAITING);

  /** Takes a piece of news for each permit. */
  private static final class Noting implements MessageSource {
    final Semaphore permits = new Semaphore(0);
    final CountDownLatch entered = new CountDownLatch(1);
    final List<String> notes = new CopyOnWriteArrayList<>();

    private void note(String note) {
      entered.countDown();
      permits.acquireUninterruptibly();
      notes.add(note);
    }

    @Override
    public String name() {
      return "noting";
    }

    @Override
    public void start(SourceContext context) {}

    @Override
    public void onFirstSubscriber(String channel) {
      note("first " + channel);
    }

    @Override
    public void onLastSubscriber(String channel) {
      note("last " + channel);
    }

    @Override
    public void onConnect(long connectionId, String subject, List<String> channels) {
      note("connect " + connectionId);
    }

    @Override
    public void onDisconnect(
        long connectionId, String subject, List<String> channels, CloseReason reason) {
      note("disconnect " + connectionId);
    }

    @Override
    public void close() {}
  }

  @SuppressWarnings("NullAway") // it is on no lane
  private static Connection connection(long id) {
    return new Connection(null, null, id, 0, null);
  }

  /** Lets the source hang at its first piece of news, which then waits no more. */
  private void hang() throws InterruptedException {
    events.onFirst("hanging");
    source.entered.await();
  }

  private List<String> toldInTheEnd() {
    source.permits.release(1_000_000);
    events.close();
    return source.notes.subList(1, source.notes.size());
  }

  @Test
  void whoeverWasToldOfIsToldOfAtItsEndAndOthersAreCounted() throws Exception {
    hang();
    List<Connection> all = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      all.add(connection(i));
      events.connected(all.get(i), List.of("a"));
    }
    all.forEach(each -> events.disconnected(each, CloseReason.CLIENT));

    List<String> expected = new ArrayList<>();
    for (String what : List.of("connect ", "disconnect ")) {
      for (int i = 0; i < MAX_WAITING; i++) {
        expected.add(what + i);
      }
    }
    assertThat(toldInTheEnd()).isEqualTo(expected);
    assertThat(counters.get(Counter.SOURCE_NEWS_DROPPED)).isEqualTo(1000 - MAX_WAITING);
  }

  @Test
  void ofChannelsThatCameAndWentMeanwhileNothingIsToldOrKept() throws Exception {
    hang();
    events.onFirst("goes");
    for (int i = 0; i < 100_000; i++) {
      events.onFirst("passing " + i);
      events.onLast("passing " + i);
    }
    events.onFirst("stays");
    events.onLast("goes");
    events.onLast("hanging");
    events.onFirst("hanging");

    List<String> told = toldInTheEnd();

    assertThat(told).startsWith("first goes").endsWith("first stays", "last goes");
    assertThat(told).hasSizeLessThanOrEqualTo(MAX_WAITING + 3).doesNotContain("last hanging");
  }

  @Test
  void howeverSlowItIsTheSourceKnowsTheStateOfEachChannelInTheEnd() throws Exception {
    long seed = Long.getLong("ssegateway.seed", System.nanoTime());
    System.out.println("ssegateway.seed=" + seed);
    Random random = new Random(seed);
    Set<String> open = new HashSet<>();
    for (int i = 0; i < 100_000; i++) {
      String channel = "c" + random.nextInt(40);
      if (open.remove(channel)) {
        events.onLast(channel);
      } else {
        open.add(channel);
        events.onFirst(channel);
      }
      source.permits.release(random.nextInt(3) / 2);
    }
    source.permits.release(1_000_000);
    events.close();

    Map<String, String> last = new HashMap<>();
    for (String note : source.notes) {
      String[] words = note.split(" ", 2);
      String before = last.put(words[1], words[0]);
      assertThat(words[0]).as(note).isEqualTo("first".equals(before) ? "last" : "first");
    }
    last.values().removeIf("last"::equals);
    assertThat(last.keySet()).isEqualTo(open);
    assertThat(source.notes).hasSizeLessThan(100_000);
  }
}
