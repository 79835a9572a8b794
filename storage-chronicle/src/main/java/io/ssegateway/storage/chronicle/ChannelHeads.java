package io.ssegateway.storage.chronicle;

import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The newest event of every channel. About 150 bytes a channel besides its name.
 *
 * <p>A channel whose newest event retention has removed is forgotten, and over a bound those whose
 * newest event is the oldest. Both happen a slice at a time, so that the journal thread is never
 * held up. Up to {@link #forgottenUpTo} there may have been events of a channel that is not here.
 *
 * <p>Threading: the journal thread changes, any thread looks up.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // one writer thread
final class ChannelHeads {
  private static final int SLICE = 20_000;
  private static final int ROOM_SLICE = 16;
  private static final int SAMPLES = 1024;

  private final ConcurrentHashMap<String, ChannelHead> heads = new ConcurrentHashMap<>();
  private final ChannelHead broadcasts = new ChannelHead();
  private final int maxHeads;
  private volatile long forgottenUpTo;

  // the journal thread's own
  private int size;
  private @Nullable Iterator<Map.Entry<String, ChannelHead>> sweep;
  private long sweepUpTo;
  private final long[] samples = new long[SAMPLES];

  ChannelHeads(int maxHeads) {
    this.maxHeads = maxHeads;
  }

  /** The newest event of a channel, or of the broadcasts; null if there is none known. */
  @Nullable ChannelHead get(@Nullable String channel) {
    return channel == null ? broadcasts : heads.get(channel);
  }

  ChannelHead broadcasts() {
    return broadcasts;
  }

  /** Adds a channel that is not here. Journal thread. */
  ChannelHead add(String channel) {
    ChannelHead head = new ChannelHead();
    heads.put(channel, head);
    size++;
    if (size > maxHeads) {
      makeRoom(ROOM_SLICE);
    }
    return head;
  }

  /** Takes the newest event of a channel over from a record. For the start. */
  void restore(@Nullable String channel, long position, long ordinal, long skip) {
    ChannelHead head = get(channel);
    if (head == null) {
      head = add(Objects.requireNonNull(channel));
    }
    if (position > head.position) {
      head.skip = skip;
      head.advance(position, ordinal);
    }
  }

  /** Takes the heads, and then that of the broadcasts with null. */
  interface HeadVisitor {
    void onHead(@Nullable String channel, ChannelHead head) throws IOException;
  }

  /** Shows all heads, as they are when it comes to them. Any thread. */
  void forEach(HeadVisitor visitor) throws IOException {
    for (Map.Entry<String, ChannelHead> entry : heads.entrySet()) {
      visitor.onHead(entry.getKey(), entry.getValue());
    }
    visitor.onHead(null, broadcasts);
  }

  int size() {
    return heads.size();
  }

  /** The position up to which there may have been events of channels that are not here. */
  long forgottenUpTo() {
    return forgottenUpTo;
  }

  /** Begins to forget channels without an event after a position. Journal thread. */
  void forget(long upTo) {
    if (upTo <= forgottenUpTo) {
      return;
    }
    forgottenUpTo = upTo; // before anything is taken away
    if (sweep == null) {
      sweepUpTo = upTo;
      sweep = heads.entrySet().iterator();
    }
  }

  /** Goes on with what is to be forgotten. Journal thread. */
  void maintain() {
    makeRoom(SLICE);
    if (sweep == null && sweepUpTo < forgottenUpTo) {
      sweepUpTo = forgottenUpTo;
      sweep = heads.entrySet().iterator();
    }
  }

  private void makeRoom(int slice) {
    if (sweep == null && size > maxHeads) {
      forget(eighthOldest());
    }
    sweep(slice);
  }

  private void sweep(int slice) {
    Iterator<Map.Entry<String, ChannelHead>> iterator = sweep;
    if (iterator == null) {
      return;
    }
    for (int i = 0; i < slice && iterator.hasNext(); i++) {
      Map.Entry<String, ChannelHead> entry = iterator.next();
      if (entry.getValue().position <= sweepUpTo) {
        iterator.remove();
        size--;
      }
    }
    if (!iterator.hasNext()) {
      sweep = null;
    }
  }

  /** A position after which about seven of eight channels have an event. */
  private long eighthOldest() {
    int count = 0;
    Iterator<ChannelHead> iterator = heads.values().iterator();
    while (count < SAMPLES && iterator.hasNext()) {
      samples[count++] = iterator.next().position;
    }
    Arrays.sort(samples, 0, count);
    return samples[Math.min(count - 1, Math.max(1, count / 8))];
  }
}
