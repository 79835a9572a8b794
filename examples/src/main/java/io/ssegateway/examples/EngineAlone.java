package io.ssegateway.examples;

import io.ssegateway.engine.Engine;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.ReceivedEvent;
import io.ssegateway.engine.Subscription;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The engine without any network: ring, journal, fan-out and replay inside a program. */
public final class EngineAlone {
  private static final int EVENTS = 5;

  private EngineAlone() {}

  /** Takes no arguments. */
  public static void main(String[] args) throws Exception {
    try (Engine engine = Engine.builder().build()) {
      engine.start();

      BlockingQueue<ReceivedEvent> live = new LinkedBlockingQueue<>();
      Subscription subscription = engine.subscribe(List.of("temperature"), null, live::offer);
      for (int i = 1; i <= EVENTS; i++) {
        engine.publisher().publishOrWait(Message.of("temperature", "2" + i + " °C"), null);
      }
      String second = "";
      for (int i = 1; i <= EVENTS; i++) {
        ReceivedEvent event = take(live);
        System.out.println("live    " + event.id() + "  " + event.data());
        if (i == 2) {
          second = event.id();
        }
      }
      subscription.close();
      goOnAfter(second, engine);
    }
  }

  /** A subscriber that comes back with the last id it has seen gets the rest from the journal. */
  private static void goOnAfter(String id, Engine engine) throws InterruptedException {
    BlockingQueue<ReceivedEvent> missed = new LinkedBlockingQueue<>();
    Subscription subscription = engine.subscribe(List.of("temperature"), id, missed::offer);
    for (int i = 3; i <= EVENTS; i++) {
      ReceivedEvent event = take(missed);
      System.out.println("replay  " + event.id() + "  " + event.data());
    }
    subscription.close();
  }

  private static ReceivedEvent take(BlockingQueue<ReceivedEvent> events)
      throws InterruptedException {
    ReceivedEvent event = events.poll(10, TimeUnit.SECONDS);
    if (event == null) {
      throw new IllegalStateException("no event within 10 s");
    }
    return event;
  }
}
