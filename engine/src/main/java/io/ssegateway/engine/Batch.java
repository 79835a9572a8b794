package io.ssegateway.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A run of ring events on its way to a lane's connections: first sorted by who gets what, then
 * sent, if need be in slices with other work of the event loop in between. Owned by the lane.
 *
 * <p>Who gets what is kept as lists of nodes, each an event of the batch: a list for each channel,
 * and where a batch touches several channels, one for each connection of several, because such a
 * connection must see its channels' events in the one order. A list is sent as <em>windows</em>:
 * one event straight from its slot, several gathered into one buffer, so that a connection costs
 * one write a window.
 */
final class Batch {
  private static final int NONE = ChannelEntry.NONE;
  private static final int SCRATCH_BYTES = 64 * 1024;

  private final EventRing ring;
  private final ReadAhead readAhead;
  private final List<ChannelEntry> touched = new ArrayList<>();
  private final List<Connection> touchedMultis = new ArrayList<>();
  private final UnsafeBuffer scratch =
      new UnsafeBuffer(BufferUtil.allocateDirectAligned(SCRATCH_BYTES, 64));

  // nodes
  private int[] nodeEvent = new int[256];
  private int[] nodeNext = new int[256];
  private int nodeCount;

  long start;
  long end;

  /** Position of the last event in the batch. */
  long lastPosition;

  boolean broadcast;

  /** Writes made for the batch, and the events in them. */
  long writes;

  long deliveries;

  /** Whether programs were offered events of it, which are no writes. */
  boolean offeredToPrograms;

  // where the sending is
  private int item;
  private int readTo;
  private int phase;
  private int nextNode;
  int member;

  // the window being sent
  UnsafeBuffer windowBuffer = scratch;
  int windowOffset;
  int windowLength;
  long windowLastPosition;
  int windowEvents;
  int windowFirstNode = NONE;

  Batch(EventRing ring, ReadAhead readAhead) {
    this.ring = ring;
    this.readAhead = readAhead;
  }

  void begin(long start) {
    this.start = start;
    this.end = start - 1;
    this.broadcast = false;
    this.writes = 0;
    this.deliveries = 0;
    this.offeredToPrograms = false;
    this.nodeCount = 0;
    this.item = 0;
    this.readTo = 0;
    this.phase = 0;
    this.nextNode = NONE;
    this.member = 0;
    this.windowLength = 0;
  }

  /** Notes that an event goes to a channel. */
  void add(ChannelEntry entry, long sequence) {
    int node = newNode(sequence);
    if (entry.tailNode == NONE) {
      entry.headNode = node;
      touched.add(entry);
    } else {
      nodeNext[entry.tailNode] = node;
    }
    entry.tailNode = node;
  }

  private void add(Connection connection, Connection.MultiChannel multi, long sequence) {
    int node = newNode(sequence);
    if (multi.tailNode == NONE) {
      multi.headNode = node;
      touchedMultis.add(connection);
    } else {
      nodeNext[multi.tailNode] = node;
    }
    multi.tailNode = node;
  }

  private int newNode(long sequence) {
    if (nodeCount == nodeEvent.length) {
      nodeEvent = Arrays.copyOf(nodeEvent, nodeCount * 2);
      nodeNext = Arrays.copyOf(nodeNext, nodeCount * 2);
    }
    nodeEvent[nodeCount] = (int) (sequence - start);
    nodeNext[nodeCount] = NONE;
    return nodeCount++;
  }

  int nodes() {
    return nodeCount;
  }

  RingEvent event(int node) {
    return ring.get(start + nodeEvent[node]);
  }

  int next(int node) {
    return nodeNext[node];
  }

  boolean isEmpty() {
    return touched.isEmpty();
  }

  /**
   * Sorts for the connections of several channels. Called when every channel's list is complete.
   */
  void sortMultis(Lane lane) {
    if (touched.size() < 2) {
      return; // one channel: they get what the others get
    }
    boolean any = false;
    for (int i = 0; i < touched.size(); i++) {
      any |= touched.get(i).multis.size() > 0;
    }
    if (!any) {
      return;
    }
    for (long s = start; s <= end; s++) {
      RingEvent event = ring.get(s);
      boolean due = event.deliverable && event.position > lane.routed();
      ChannelEntry entry = due ? lane.entry(event.channel) : null;
      if (entry == null) {
        continue;
      }
      for (int i = 0; i < entry.multis.size(); i++) {
        Connection connection = entry.multis.get(i);
        Connection.MultiChannel multi = connection.multi;
        if (multi != null) {
          add(connection, multi, s);
        }
      }
    }
  }

  /** Moves on to the next window; false if there is none. */
  boolean nextWindow() {
    while (true) {
      if (nextNode != NONE) {
        loadWindow();
        member = 0;
        return true;
      }
      if (phase == 0) {
        if (item < touched.size()) {
          if (item == readTo) {
            readTo = readAhead.firstConnections(touched, item);
          }
          nextNode = touched.get(item++).headNode;
        } else {
          phase = 1;
          item = 0;
        }
      } else if (item < touchedMultis.size()) {
        Connection.MultiChannel multi = touchedMultis.get(item++).multi;
        nextNode = multi == null ? NONE : multi.headNode;
      } else {
        return false;
      }
    }
  }

  /** Number of connections that get the window. */
  int memberCount() {
    if (phase == 1) {
      return 1;
    }
    ChannelEntry entry = touched.get(item - 1);
    return entry.singles.size() + (touched.size() == 1 ? entry.multis.size() : 0);
  }

  Connection member(int index) {
    if (phase == 1) {
      return touchedMultis.get(item - 1);
    }
    ChannelEntry entry = touched.get(item - 1);
    int singles = entry.singles.size();
    return index < singles ? entry.singles.get(index) : entry.multis.get(index - singles);
  }

  private void loadWindow() {
    int node = nextNode;
    windowFirstNode = node;
    RingEvent first = event(node);
    int following = nodeNext[node];
    if (following == NONE || first.frameLength() + event(following).frameLength() > SCRATCH_BYTES) {
      windowBuffer = first.frame;
      windowOffset = first.frameOffset;
      windowLength = first.frameLength();
      windowLastPosition = first.position;
      windowEvents = 1;
      nextNode = following;
      return;
    }
    int length = 0;
    int events = 0;
    RingEvent event = first;
    while (true) {
      int frameLength = event.frameLength();
      if (length + frameLength > SCRATCH_BYTES) {
        break;
      }
      scratch.putBytes(length, event.frame, event.frameOffset, frameLength);
      length += frameLength;
      events++;
      windowLastPosition = event.position;
      node = nodeNext[node];
      if (node == NONE) {
        break;
      }
      event = event(node);
    }
    windowBuffer = scratch;
    windowOffset = 0;
    windowLength = length;
    windowEvents = events;
    nextNode = node;
  }

  /** Forgets the lists. */
  void finish() {
    for (int i = 0; i < touched.size(); i++) {
      ChannelEntry entry = touched.get(i);
      entry.headNode = NONE;
      entry.tailNode = NONE;
    }
    for (int i = 0; i < touchedMultis.size(); i++) {
      Connection.MultiChannel multi = touchedMultis.get(i).multi;
      if (multi != null) {
        multi.headNode = NONE;
        multi.tailNode = NONE;
      }
    }
    touched.clear();
    touchedMultis.clear();
  }
}
