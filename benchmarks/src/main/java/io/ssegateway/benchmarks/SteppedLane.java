package io.ssegateway.benchmarks;

import io.ssegateway.engine.Engine;
import io.ssegateway.engine.Lane;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.Outlet;
import io.ssegateway.engine.journal.NoJournal;
import java.util.Arrays;
import java.util.List;

/**
 * An engine with one lane that routes only when it is told to, on the thread that tells it. Not
 * thread-safe.
 *
 * <p>A last event, for a channel that only a sentinel listens to, tells when a batch is through.
 */
final class SteppedLane implements AutoCloseable {
  static final int STRIDE = 7919; // a prime: channels come in no order that a cache likes

  private final Engine engine;
  private final CallerLaneExecutor executor = new CallerLaneExecutor();
  private final CountingOutlet sentinel = new CountingOutlet();
  private final Message[] messages;
  private final Message last;
  private int next;
  private long published;

  SteppedLane(String[] channels, List<? extends Outlet> outlets, int payloadBytes) {
    engine =
        Engine.builder().options(Engines.quiet().build()).journal(new NoJournal()).lanes(0).build();
    engine.start();
    Lane lane = engine.addLane(executor);
    executor.run();
    Engines.connect(lane, executor, channels, outlets);
    Engines.connect(lane, executor, new String[] {"sentinel"}, List.of(sentinel));
    executor.run();
    Message any = Payloads.message("any", payloadBytes);
    messages = Arrays.stream(channels).map(any::withChannel).toArray(Message[]::new);
    last = any.withChannel("sentinel");
  }

  /** Publishes so many events, each for another channel, and waits until they are journalled. */
  void publish(int events) {
    for (int i = 1; i < events; i++) {
      Engines.publish(engine, messages[next]);
      next = (int) ((next + (long) STRIDE) % messages.length);
    }
    Engines.publish(engine, last);
    published += events;
    while (engine.journal().newestPosition() < published || !executor.hasTasks()) {
      Thread.onSpinWait();
    }
  }

  /** Routes what was published. */
  void route() {
    long before = sentinel.offers();
    while (sentinel.offers() == before) {
      executor.run();
    }
  }

  /** The engine. */
  Engine engine() {
    return engine;
  }

  @Override
  public void close() {
    Thread closer = new Thread(engine::close, "bench-close");
    closer.start();
    while (closer.isAlive()) {
      executor.run(); // the lane has to end its connections
      Thread.onSpinWait();
    }
  }
}
