package io.ssegateway.engine.journal;

import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A record is appended while two readers look for it: one follows the link of the record before,
 * one walks back from the channel's head. What is committed is found, and found whole.
 */
@JCStressTest
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "readers look before the commit")
@Outcome(
    id = "2, 2, 2",
    expect = Expect.ACCEPTABLE,
    desc = "append, link, commit; both readers find the whole record")
@Outcome(expect = Expect.FORBIDDEN, desc = "a committed record is missed, or is torn")
@State
public class TailAppendStress {
  private final EventTail tail = new EventTail(16 * 1024, 0, 0);
  private final JournalReader linked;
  private volatile long committed = 1;

  /** The first record is read by one reader already. */
  public TailAppendStress() {
    Tails.append(tail, 1, "a");
    linked = tail.open(List.of("a"), 0, 0);
    linked.read(1, new Tails.Sum());
  }

  /** The journal thread. */
  @Actor
  public void writer() {
    Tails.append(tail, 2, "a");
    committed = 2;
  }

  /** A replay thread. */
  @Actor
  public void reader(III_Result r) {
    long upTo = committed;
    Tails.Sum afterLink = new Tails.Sum();
    linked.read(upTo, afterLink);
    Tails.Sum fromHead = new Tails.Sum();
    tail.open(List.of("a"), 1, 0).read(upTo, fromHead);
    r.r1 = (int) upTo;
    r.r2 = afterLink.found();
    r.r3 = fromHead.found();
  }
}
