package io.ssegateway.engine;

import io.ssegateway.engine.WireEvents.Block;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;

/** An outlet whose moods a test sets, and which remembers what it was given. */
final class ScriptedOutlet implements Outlet {
  private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
  private final List<CloseReason> closings = new ArrayList<>();
  private boolean declining;
  private int declineAfterOffers = Integer.MAX_VALUE;
  private int pendingBytes;
  private boolean throwing;
  int offers;
  int largestOffer;

  /** Takes nothing until {@link #accept}. */
  void decline() {
    declining = true;
  }

  /** Takes so many offers more and then nothing until {@link #accept}. */
  void declineAfter(int offersTaken) {
    declineAfterOffers = offersTaken;
  }

  /** Takes everything again; the caller tells the connection. */
  void accept() {
    declining = false;
    declineAfterOffers = Integer.MAX_VALUE;
  }

  /** Says that so many bytes are not sent yet. */
  void pending(int bytes) {
    pendingBytes = bytes;
  }

  /** Breaks the rule that an outlet does not throw. */
  void throwFromNowOn() {
    throwing = true;
  }

  @Override
  public boolean offer(DirectBuffer buffer, int offset, int length) {
    if (throwing) {
      throw new IllegalStateException("scripted to throw");
    }
    if (declining) {
      return false;
    }
    if (declineAfterOffers == 0) {
      declining = true;
      return false;
    }
    declineAfterOffers--;
    offers++;
    largestOffer = Math.max(largestOffer, length);
    byte[] bytes = new byte[length];
    buffer.getBytes(offset, bytes);
    taken.writeBytes(bytes);
    return true;
  }

  @Override
  public boolean isWritable() {
    return !declining;
  }

  @Override
  public int pendingBytes() {
    if (throwing) {
      throw new IllegalStateException("scripted to throw");
    }
    return pendingBytes;
  }

  @Override
  public void close(CloseReason reason) {
    closings.add(reason);
    if (throwing) {
      throw new IllegalStateException("scripted to throw");
    }
  }

  List<CloseReason> closings() {
    return closings;
  }

  List<Block> blocks() {
    return WireEvents.parse(taken.toByteArray());
  }

  /** The events without the preamble and heartbeats. */
  List<Block> events() {
    return blocks().stream().filter(Block::isEvent).toList();
  }

  /** The data of the events, gaps as {@code gap:reason}. */
  List<String> data() {
    return events().stream()
        .map(
            block ->
                block.type().equals("gap")
                    ? block.data().replaceAll(".*\"reason\":\"([a-z_]+)\".*", "gap:$1")
                    : block.data())
        .toList();
  }
}
