package io.ssegateway.transport.netty;

import io.ssegateway.transport.netty.testing.SseBlock;
import io.ssegateway.transport.netty.testing.StreamClient;
import io.ssegateway.transport.netty.testing.StreamSwarm;
import java.util.Arrays;

/**
 * A client of a splice test, which checks all that it is sent against the ledger: its events come
 * in the order of the journal, each once, and none is missing but those that came before it
 * connected without an id, or that a gap tells of. Owned by the swarm's thread.
 */
final class SpliceClient implements StreamSwarm.Listener {
  private final StreamSwarm swarm;
  private final SpliceLedger ledger;
  private final int port;
  private final int receiveBuffer;

  /** The streams it must see: its channels, and last the broadcasts. */
  private final int[] streams;

  private final String query;
  private StreamSwarm.Member member;

  /** For each stream the number of the last event seen, or -1. */
  private final int[] seen;

  /** Everything up to here was seen or may be missing. */
  private long position;

  /** What may be missing: everything up to here. */
  private long excused;

  private String lastId;
  private int gaps;
  private int connects;
  private long events;

  SpliceClient(StreamSwarm swarm, SpliceLedger ledger, int port, int receiveBuffer, int[] streams) {
    this.swarm = swarm;
    this.ledger = ledger;
    this.port = port;
    this.receiveBuffer = receiveBuffer;
    this.streams = streams;
    this.seen = new int[Arrays.stream(streams).max().orElseThrow() + 1];
    Arrays.fill(seen, -1);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < streams.length - 1; i++) {
      text.append("channel_id=c").append(streams[i]).append('&');
    }
    this.query = text.toString();
  }

  /** Connects, with the last id if there is one. */
  void connect() {
    connects++;
    String request =
        lastId == null
            ? StreamClient.request(query)
            : connects % 2 == 0
                ? StreamClient.request(query, "Last-Event-ID: " + lastId)
                : StreamClient.request(query + "last_event_id=" + lastId);
    member = swarm.open(port, receiveBuffer, request, this);
  }

  void vanish(boolean forgetId) {
    member.vanish();
    if (forgetId) {
      lastId = null;
      Arrays.fill(seen, -1);
    }
  }

  void pause() {
    member.pause();
  }

  void resume() {
    member.resume();
  }

  int gaps() {
    return gaps;
  }

  long events() {
    return events;
  }

  @Override
  public void onBlock(SseBlock block) {
    if (block.id() != null) {
      if (lastId == null) { // where a stream without an id begins
        excused = block.position();
        position = excused;
      }
      check(block.position() >= position, block, "goes back");
    }
    if (!block.isEvent()) {
      if (block.id() != null) {
        position = block.position();
      }
    } else if (block.type().equals("gap")) {
      gaps++;
      excused = block.position();
      position = excused;
    } else {
      onEvent(block);
    }
    if (block.id() != null) {
      lastId = block.id();
    }
  }

  private void onEvent(SseBlock block) {
    events++;
    String[] fields = block.data().split(" ", 3);
    int stream = Integer.parseInt(fields[0]);
    int number = Integer.parseInt(fields[1]);
    check(Arrays.binarySearch(streams, stream) >= 0, block, "is of a channel not asked for");
    check(ledger.position(stream, number) == block.position(), block, "has another's id");
    check(block.position() > position, block, "comes twice or out of order");
    check(number > seen[stream], block, "comes twice or out of order");
    check(
        number - 1 == seen[stream] || ledger.position(stream, number - 1) <= excused,
        block,
        "comes after a silent gap");
    seen[stream] = number;
    position = block.position();
  }

  private void check(boolean holds, SseBlock block, String what) {
    if (!holds) {
      String data = block.data();
      throw new AssertionError(
          "event "
              + block.id()
              + " \""
              + (data == null ? "" : data.substring(0, Math.min(20, data.length())))
              + "\" "
              + what
              + ": "
              + this);
    }
  }

  /** Whether it has everything that was published, or was told that it has not. */
  boolean isComplete() {
    for (int stream : streams) {
      int last = ledger.count(stream) - 1;
      if (last >= 0 && seen[stream] != last && ledger.position(stream, last) > excused) {
        return false;
      }
    }
    return lastId != null;
  }

  @Override
  public String toString() {
    return "SpliceClient["
        + query
        + " connects="
        + connects
        + ", seen="
        + Arrays.toString(seen)
        + ", position="
        + position
        + ", excused="
        + excused
        + ", lastId="
        + lastId
        + "]";
  }
}
