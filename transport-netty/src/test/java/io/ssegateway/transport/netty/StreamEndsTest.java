package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.engine.CloseReason;
import io.ssegateway.engine.Connection;
import io.ssegateway.engine.Counter;
import io.ssegateway.engine.Engine;
import io.ssegateway.engine.Lane;
import io.ssegateway.engine.LaneExecutor;
import io.ssegateway.engine.Outlet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StreamEndsTest {
  private final Engine engine = Engine.builder().lanes(0).build();
  private final List<Runnable> tasks = new ArrayList<>();
  private long nowMs = 1_000_000;
  private final StreamEnds ends = new StreamEnds(() -> Instant.ofEpochMilli(nowMs));
  private Lane lane;
  private volatile boolean ending;

  /** Runs everything on the test's thread, when it is told to. */
  private final class ByHand implements LaneExecutor {
    @Override
    public void execute(Runnable task) {
      if (ending) {
        task.run();
      } else {
        tasks.add(task);
      }
    }

    @Override
    public void executeAfterIo(Runnable task) {
      tasks.add(task);
    }

    @Override
    public void schedule(Runnable task, long delayMs) {
      // upkeep is not needed
    }

    @Override
    public boolean inLane() {
      return true;
    }
  }

  /** Takes everything. */
  private static final class Sink implements Outlet {
    @Override
    public boolean offer(DirectBuffer buffer, int offset, int length) {
      return true;
    }

    @Override
    public boolean isWritable() {
      return true;
    }

    @Override
    public int pendingBytes() {
      return 0;
    }

    @Override
    public void close(CloseReason reason) {
      // nothing to close
    }
  }

  @BeforeEach
  void start() {
    engine.start();
    lane = engine.addLane(new ByHand());
    run();
  }

  @AfterEach
  void close() {
    ending = true; // the engine's threads wait for what is left
    engine.close();
  }

  private void run() {
    List<Runnable> due = List.copyOf(tasks);
    tasks.clear();
    due.forEach(Runnable::run);
  }

  private Connection connect() {
    return lane.connect(List.of("a"), null, new Sink());
  }

  @Test
  void streamsEndInTheOrderOfTheirTimesNotOfTheirBeginnings() {
    Connection late = connect();
    Connection early = connect();
    ends.add(late, Instant.ofEpochMilli(nowMs + 2000));
    ends.add(early, Instant.ofEpochMilli(nowMs + 1000));

    ends.sweep();
    assertThat(early.state()).isNotEqualTo(Connection.State.CLOSED);
    nowMs += 1000;
    ends.sweep();
    assertThat(early.state()).isEqualTo(Connection.State.CLOSED);
    assertThat(late.state()).isNotEqualTo(Connection.State.CLOSED);
    nowMs += 1000;
    ends.sweep();
    assertThat(late.state()).isEqualTo(Connection.State.CLOSED);
    assertThat(engine.count(Counter.CLOSED_EXPIRED)).isEqualTo(2);
    assertThat(ends.size()).isZero();
  }

  @Test
  void streamsThatEndedBeforeAreForgotten() {
    Instant end = Instant.ofEpochMilli(nowMs + 3_600_000);
    List<Connection> open = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      Connection connection = connect();
      ends.add(connection, end);
      if (i % 1000 == 0) {
        open.add(connection);
      } else {
        connection.onClosed(CloseReason.CLIENT);
      }
    }

    assertThat(ends.size()).isLessThanOrEqualTo(1024 + 100);
    nowMs += 3_600_000;
    ends.sweep();
    assertThat(engine.count(Counter.CLOSED_EXPIRED)).isEqualTo(open.size());
  }
}
