package io.ssegateway.storage.redis;

import io.ssegateway.engine.CloseReason;
import io.ssegateway.engine.Engine;
import io.ssegateway.engine.ReceivedEvent;
import io.ssegateway.engine.Subscriber;
import io.ssegateway.engine.Subscription;
import io.ssegateway.engine.journal.GapReason;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client that goes from node to node and keeps everything it hears. Thread-safe. */
final class NodeClient {
  private final List<String> channels;
  private final List<ReceivedEvent> events = new ArrayList<>();
  private final List<GapReason> gaps = new ArrayList<>();
  private @Nullable Subscription subscription;
  private @Nullable String lastId;

  /** Counts the visits, so that what a node says after the client has left is not heard. */
  private int visit;

  private boolean ended;

  NodeClient(String... channels) {
    this.channels = List.of(channels);
  }

  static NodeClient on(Engine engine, String... channels) {
    return new NodeClient(channels).goTo(engine);
  }

  NodeClient startAfter(@Nullable String id) {
    lastId = id;
    return this;
  }

  NodeClient goTo(Engine engine) {
    leave();
    int thisVisit;
    String after;
    synchronized (this) {
      thisVisit = ++visit;
      after = lastId;
      ended = false;
    }
    subscription =
        engine.subscribe(
            channels,
            after,
            new Subscriber() {
              @Override
              public boolean onEvent(ReceivedEvent event) {
                return hear(thisVisit, event);
              }

              @Override
              public void onGap(GapReason reason, String requested, String resumedAt) {
                hearGap(thisVisit, reason, resumedAt);
              }

              @Override
              public void onClosed(CloseReason reason) {
                end(thisVisit);
              }
            });
    return this;
  }

  void leave() {
    Subscription s = subscription;
    synchronized (this) {
      visit++;
    }
    if (s != null) {
      s.close();
    }
  }

  private synchronized boolean hear(int ofVisit, ReceivedEvent event) {
    if (ofVisit == visit) {
      events.add(event);
      lastId = event.id();
    }
    return true;
  }

  private synchronized void hearGap(int ofVisit, GapReason reason, String resumedAt) {
    if (ofVisit == visit) {
      gaps.add(reason);
      lastId = resumedAt;
    }
  }

  private synchronized void end(int ofVisit) {
    ended |= ofVisit == visit;
  }

  /** Goes there again if the node has ended the visit, as it may while Redis is away. */
  NodeClient goBackTo(Engine engine) {
    boolean back;
    synchronized (this) {
      back = ended;
    }
    return back ? goTo(engine) : this;
  }

  synchronized List<String> data() {
    return events.stream().map(ReceivedEvent::data).toList();
  }

  synchronized int count() {
    return events.size();
  }

  synchronized List<ReceivedEvent> events() {
    return List.copyOf(events);
  }

  synchronized List<GapReason> gaps() {
    return List.copyOf(gaps);
  }

  synchronized @Nullable String lastId() {
    return lastId;
  }
}
