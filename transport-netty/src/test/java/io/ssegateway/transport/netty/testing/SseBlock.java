package io.ssegateway.transport.netty.testing;

import java.util.List;

/**
 * What stands between two empty lines of a stream; an event if it has data.
 *
 * @param id the id that the block sets, or null if it sets none
 * @param type the event type; {@code message} unless the block names one
 * @param data the payload, or null if there is no data line
 * @param retryMs the reconnection time that the block sets in ms, or -1
 * @param comments its comments without the colon
 */
public record SseBlock(String id, String type, String data, int retryMs, List<String> comments) {

  /** Whether an {@code EventSource} would hand it to a listener. */
  public boolean isEvent() {
    return data != null;
  }

  /** The position in its id. */
  public long position() {
    return Long.parseLong(id.substring(id.lastIndexOf('-') + 1));
  }
}
