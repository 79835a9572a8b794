package io.ssegateway.engine;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A lane goes to sleep while the journal shows it the next event: no wake-up may be lost. */
@JCStressTest
@Outcome(
    id = "1, 0",
    expect = Expect.ACCEPTABLE,
    desc = "journal shows the event; lane looks and routes it; no second wake-up was needed")
@Outcome(
    id = "1, 1",
    expect = Expect.ACCEPTABLE,
    desc = "lane is awake already or looks too early; the signal wakes it once more")
@Outcome(expect = Expect.FORBIDDEN, desc = "lane sleeps, and the event waits for ever")
@State
public class LaneWakeUpStress {
  private final Rig rig = Rig.take();
  private final Rig.CountingOutlet outlet = new Rig.CountingOutlet();
  private final Connection connection;
  private final long sequence;

  /** One event is in the ring, and the lane about to run for an earlier signal. */
  public LaneWakeUpStress() {
    connection = rig.lane.connect(java.util.List.of("a"), null, outlet);
    sequence = rig.publish("x");
  }

  /** The journal thread. */
  @Actor
  public void journal() {
    rig.journal(sequence);
  }

  /** The lane, which was signalled before. */
  @Actor
  public void lane() {
    rig.tasks.runAll();
  }

  /** Looks what came of it. */
  @Arbiter
  public void arbiter(II_Result r) {
    r.r2 = rig.tasks.runAll() ? 1 : 0;
    r.r1 = outlet.events();
    rig.giveBack(connection);
  }
}
