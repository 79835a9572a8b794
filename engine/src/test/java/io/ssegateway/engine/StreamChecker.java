package io.ssegateway.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Checks streams against what was published: every event of a stream's channels, and every
 * broadcast, once and in order, or a gap that accounts for the rest.
 *
 * <p>What is published is told by one thread, before any stream can see it: a {@link
 * PublishListener} does that. Each stream is told by one thread at a time, and checks as it goes,
 * so nothing is kept but positions.
 */
public final class StreamChecker {
  private static final int MAX_PROBLEMS = 10;
  private static final String BROADCASTS = "";

  private final Map<String, Positions> channels = new ConcurrentHashMap<>();

  /** Positions of a channel's events; one writer, any readers. */
  private static final class Positions {
    private volatile long[] values = new long[64];
    private volatile int size;

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void add(long position) {
      if (size == values.length) {
        values = Arrays.copyOf(values, size * 2);
      }
      values[size] = position;
      size++;
    }
  }

  /** Where a stream is in a channel. */
  private static final class Place {
    final Positions positions;
    int index;

    Place(Positions positions) {
      this.positions = positions;
    }

    /** The first position of the channel behind the cursor, or MAX_VALUE. */
    long nextAfter(long cursor) {
      while (true) {
        int size = positions.size; // before the array
        if (index >= size) {
          return Long.MAX_VALUE;
        }
        long position = positions.values[index];
        if (position > cursor) {
          return position;
        }
        index++;
      }
    }
  }

  /**
   * Tells that an event was journalled.
   *
   * @param position greater than the one before
   * @param channel the channel, or null for a broadcast
   */
  public void published(long position, String channel) {
    positions(channel).add(position);
  }

  private Positions positions(String channel) {
    return channels.computeIfAbsent(
        channel == null ? BROADCASTS : channel, name -> new Positions());
  }

  /**
   * Starts to check a stream.
   *
   * @param names its channels
   * @param startsAfter the position after which it begins, or -1 if the stream itself tells
   */
  public Stream stream(Collection<String> names, long startsAfter) {
    return new Stream(names, startsAfter);
  }

  /** One client's stream, over all its connections. Told by one thread at a time, read by any. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  public final class Stream {
    private final Collection<String> names;
    private final List<Place> places = new ArrayList<>();
    private final List<String> problems = new CopyOnWriteArrayList<>();
    private final Map<String, Integer> gaps = new ConcurrentSkipListMap<>();
    private volatile long cursor;
    private volatile long events;

    private Stream(Collection<String> names, long startsAfter) {
      this.names = names;
      this.cursor = startsAfter;
      names.forEach(name -> places.add(new Place(positions(name))));
      places.add(new Place(positions(null)));
    }

    /** The position up to which everything is accounted for, or -1 before it began. */
    public long cursor() {
      return cursor;
    }

    /** Number of events that it saw. */
    public long events() {
      return events;
    }

    /** What was wrong, the first few; empty if nothing was. */
    public List<String> problems() {
      return problems;
    }

    /** Number of gaps by reason. */
    public Map<String, Integer> gaps() {
      return gaps;
    }

    /** An event came. */
    public void saw(long position) {
      events++;
      if (cursor < 0) {
        problem("event " + position + " before the stream told where it begins");
      } else if (position <= cursor) {
        problem("event " + position + " again or out of order after " + cursor);
        return;
      }
      boolean mine = false;
      for (Place place : places) {
        long next = place.nextAfter(cursor);
        if (next < position) {
          problem("event " + next + " is missing before " + position + " (cursor " + cursor + ")");
        }
        mine |= place.nextAfter(Math.max(cursor, position - 1)) == position;
      }
      if (!mine) {
        problem("event " + position + " is of none of the channels " + names);
      }
      cursor = position;
    }

    /** A gap was told. */
    public void gap(String reason, long resumedAfter) {
      gaps.merge(reason, 1, Integer::sum);
      if (resumedAfter < cursor && !reason.equals("unknown_epoch")) {
        problem("gap " + reason + " resumes at " + resumedAfter + ", before " + cursor);
      }
      if (resumedAfter < cursor) {
        places.forEach(place -> place.index = 0);
      }
      cursor = resumedAfter;
    }

    /** The stream told an id without an event: everything up to it must have come. */
    public void reached(long position) {
      if (cursor >= 0) {
        if (position < cursor) {
          problem("the id goes back from " + cursor + " to " + position);
        }
        endedAt(position);
      }
      cursor = position;
    }

    /**
     * Whether it has everything that was published. To be asked when nothing more is; any thread.
     */
    public boolean hasEverything() {
      long from = cursor;
      for (Place place : places) {
        Positions positions = place.positions;
        int size = positions.size;
        if (size > 0 && positions.values[size - 1] > from) {
          return false;
        }
      }
      return from >= 0;
    }

    /** Everything up to a position must have come by now. */
    public void endedAt(long position) {
      for (Place place : places) {
        long next = place.nextAfter(cursor);
        if (next <= position) {
          problem("event " + next + " is missing at " + position + " (cursor " + cursor + ")");
        }
      }
    }

    /** A block of a stream's bytes came. */
    void sawWire(WireEvents.Block block) {
      if (block.id() == null) {
        return;
      }
      long position = Long.parseLong(block.id().substring(block.id().lastIndexOf('-') + 1));
      if (!block.isEvent() || block.type().equals("heartbeat")) {
        reached(position);
      } else if (block.type().equals("gap")) {
        gap(block.data().replaceAll(".*\"reason\":\"([a-z_]+)\".*", "$1"), position);
      } else {
        saw(position);
      }
    }

    private void problem(String what) {
      if (problems.size() < MAX_PROBLEMS) {
        problems.add(what);
      }
    }
  }
}
