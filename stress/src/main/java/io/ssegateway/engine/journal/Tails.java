package io.ssegateway.engine.journal;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** Records whose every byte is their position, and a sink that looks at every byte. */
final class Tails {
  private static final int LENGTH = 100;

  private Tails() {}

  static void append(EventTail tail, long position, String channel) {
    byte[] body = new byte[LENGTH];
    java.util.Arrays.fill(body, (byte) position);
    tail.append(position, EventTail.UNKNOWN, channel, 0, new UnsafeBuffer(body), 0, body.length);
  }

  /** Notes the position of the last event, if it was whole. */
  static final class Sum implements ReplaySink {
    private int found;
    private int gaps;

    @Override
    public boolean onEvent(
        long position, @Nullable String channel, DirectBuffer buffer, int offset, int length) {
      boolean whole = length == LENGTH && found == 0;
      for (int i = 0; i < length; i++) {
        whole &= buffer.getByte(offset + i) == (byte) position;
      }
      found = whole ? (int) position : -1;
      return true;
    }

    @Override
    public boolean onGap(GapReason reason, long resumeAfter) {
      gaps++;
      return true;
    }

    /** The position of the event, 0 if there was none, -1 if it was torn or not alone. */
    int found() {
      return found;
    }

    int gaps() {
      return gaps;
    }
  }
}
