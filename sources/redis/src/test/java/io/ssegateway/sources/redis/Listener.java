package io.ssegateway.sources.redis;

import io.ssegateway.engine.Engine;
import io.ssegateway.engine.ReceivedEvent;
import io.ssegateway.engine.Subscriber;
import io.ssegateway.engine.Subscription;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Keeps what it hears. */
final class Listener implements Subscriber {
  private final List<ReceivedEvent> events = new CopyOnWriteArrayList<>();
  private final AtomicInteger gaps = new AtomicInteger();
  private Subscription subscription;

  static Listener on(Engine engine, String... channels) {
    Listener listener = new Listener();
    listener.subscription = engine.subscribe(List.of(channels), null, listener);
    return listener;
  }

  @Override
  public boolean onEvent(ReceivedEvent event) {
    events.add(event);
    return true;
  }

  @Override
  public void onGap(
      io.ssegateway.engine.journal.GapReason reason, String requested, String resumedAt) {
    gaps.incrementAndGet();
  }

  List<ReceivedEvent> events() {
    return events;
  }

  List<String> data() {
    return events.stream().map(ReceivedEvent::data).toList();
  }

  int gaps() {
    return gaps.get();
  }

  void leave() {
    subscription.close();
  }
}
