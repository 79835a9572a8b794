package io.ssegateway.engine;

import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * REPLAYING becomes LIVE: a replay thread reads what was missed while the journal takes the next
 * event and the lane routes it. The replay is handed to and fro without a volatile field.
 */
@JCStressTest
@Outcome(
    id = "2, 1",
    expect = Expect.ACCEPTABLE,
    desc = "both events once and in order, whoever brought the second, and then live")
@Outcome(expect = Expect.FORBIDDEN, desc = "an event is lost or doubled, or the replay is stuck")
@State
public class ReplayHandOverStress {
  private final Rig rig = Rig.take();
  private final Rig.CountingOutlet outlet = new Rig.CountingOutlet();
  private final Connection connection;
  private final Replay replay;
  private final long sequence;

  /** A connection has missed one event and asked for it; the next event is in the ring. */
  public ReplayHandOverStress() {
    long before = rig.engine.journal().newestPosition();
    rig.journal(rig.publish("missed"));
    rig.lane.signal();
    rig.tasks.runAll();
    connection = rig.lane.connect(List.of("a"), rig.engine.eventId(before), outlet);
    replay = connection.replay;
    sequence = rig.publish("next");
  }

  /** The replay thread. */
  @Actor
  public void replay() {
    replay.run();
  }

  /**
   * The journal thread, and the lane that it wakes: one actor, as jcstress asks for a core each.
   */
  @Actor
  public void journalAndLane() {
    rig.journal(sequence);
    rig.tasks.runAll();
  }

  /** Looks what came of it, after the rest of the reads. */
  @Arbiter
  public void arbiter(II_Result r) {
    rig.tasks.runAll();
    while (Rig.replay(connection)) {
      rig.tasks.runAll();
    }
    r.r1 = outlet.events();
    r.r2 = connection.state() == Connection.State.LIVE ? 1 : 0;
    rig.giveBack(connection);
  }
}
