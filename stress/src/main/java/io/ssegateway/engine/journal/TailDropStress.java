package io.ssegateway.engine.journal;

import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The segment that holds a channel's only record is dropped while a reader comes to it. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "reader is first and gets the event")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "writer is first; reader tells the gap")
@Outcome(
    id = "1, 1",
    expect = Expect.ACCEPTABLE,
    desc = "event, then the drop; what may have come after it is told as a gap")
@Outcome(id = "0, 0", expect = Expect.FORBIDDEN, desc = "neither event nor gap: lost in silence")
@Outcome(expect = Expect.FORBIDDEN, desc = "anything else")
@State
public class TailDropStress {
  private final EventTail tail = new EventTail(2 * 1024, 0, 0);
  private long next = 1;

  /** One record of the channel, and others until the tail is full. */
  public TailDropStress() {
    Tails.append(tail, next++, "a");
    while (tail.sizeBytes() < 2 * 1024) {
      Tails.append(tail, next++, "busy");
    }
  }

  /** The journal thread, until the first segment is gone. */
  @Actor
  public void writer() {
    while (tail.droppedUpTo() == 0) {
      Tails.append(tail, next++, "busy");
    }
  }

  /** A replay thread. */
  @Actor
  public void reader(II_Result r) {
    Tails.Sum sum = new Tails.Sum();
    tail.open(List.of("a"), 0, 0).read(2, sum);
    r.r1 = sum.found();
    r.r2 = sum.gaps();
  }
}
