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
 * The first connection of a channel begins on a lane that is asleep, while an event of the channel
 * is published: the directory and the signal must not miss each other.
 */
@JCStressTest
@Outcome(
    id = "0, 1",
    expect = Expect.ACCEPTABLE,
    desc = "connection begins before the event and gets it")
@Outcome(
    id = "1, 0",
    expect = Expect.ACCEPTABLE,
    desc = "lane routes the event first; connection begins behind it")
@Outcome(
    id = "0, 0",
    expect = Expect.FORBIDDEN,
    desc = "journal does not see the connection and lane does not see the event: lost")
@Outcome(id = "1, 1", expect = Expect.FORBIDDEN, desc = "begins behind the event and gets it too")
@Outcome(expect = Expect.FORBIDDEN, desc = "anything else")
@State
public class ConnectWhilePublishingStress {
  private final Rig rig = Rig.take();
  private final Rig.CountingOutlet outlet = new Rig.CountingOutlet();
  private final long before = rig.engine.journal().newestPosition();
  private final long sequence;
  private Connection connection;
  private long began;

  /** One event is in the ring. */
  public ConnectWhilePublishingStress() {
    sequence = rig.publish("x");
  }

  /** The journal thread. */
  @Actor
  public void journal() {
    rig.journal(sequence);
  }

  /** The lane. */
  @Actor
  public void lane() {
    connection = rig.lane.connect(List.of("a"), null, outlet);
    began = connection.position();
    rig.tasks.runAll();
  }

  /** Looks what came of it. */
  @Arbiter
  public void arbiter(II_Result r) {
    rig.tasks.runAll();
    r.r1 = (int) (began - before);
    r.r2 = outlet.events();
    rig.giveBack(connection);
  }
}
