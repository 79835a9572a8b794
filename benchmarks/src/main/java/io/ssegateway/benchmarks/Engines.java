package io.ssegateway.benchmarks;

import io.ssegateway.engine.Engine;
import io.ssegateway.engine.EngineOptions;
import io.ssegateway.engine.Lane;
import io.ssegateway.engine.LaneExecutor;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.Outlet;
import io.ssegateway.engine.PublishResult;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What benchmarks do with engines again and again. */
final class Engines {
  private Engines() {}

  /** The default options without heartbeats, which would be writes that nobody asked for. */
  static EngineOptions.Builder quiet() {
    return EngineOptions.DEFAULTS.toBuilder().heartbeatMs(0);
  }

  /**
   * Publishes, and while the ring is full leaves the processor to whoever empties it.
   *
   * @throws IllegalStateException if it will never be taken
   */
  @SuppressWarnings("ThreadPriorityCheck") // fewer processors than threads: a spin would starve
  static PublishResult publish(Engine engine, Message message) {
    while (true) {
      PublishResult result = engine.publisher().publish(message);
      if (result == PublishResult.PUBLISHED) {
        return result;
      }
      if (result != PublishResult.BACK_PRESSURED) {
        throw new IllegalStateException("publish: " + result + " (expected: PUBLISHED)");
      }
      Thread.yield();
    }
  }

  /** Connects outlets to a lane, one channel each, in turn; returns when all are connected. */
  static void connect(
      Lane lane, LaneExecutor executor, String[] channels, List<? extends Outlet> outlets) {
    CompletableFuture<@Nullable Void> connected = new CompletableFuture<>();
    Runnable connect =
        () -> {
          try {
            for (int i = 0; i < outlets.size(); i++) {
              lane.connect(List.of(channels[i % channels.length]), null, outlets.get(i));
            }
            connected.complete(null);
          } catch (RuntimeException e) {
            connected.completeExceptionally(e);
          }
        };
    if (executor.inLane()) {
      connect.run();
    } else {
      executor.execute(connect);
    }
    connected.join();
  }
}
