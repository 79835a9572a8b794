package io.ssegateway.engine.frame;

import java.nio.charset.StandardCharsets;
import org.agrona.MutableDirectBuffer;

/**
 * The text of an event's id: {@code <epoch>-<position>}, at most 64 characters of {@code
 * [0-9A-Za-z.-]}. Opaque to clients; stateless and thread-safe here.
 */
public final class EventId {
  /** Most characters an epoch may have. */
  public static final int MAX_EPOCH_LENGTH = 40;

  /** Most bytes that {@link #putIdLine} writes. */
  public static final int MAX_ID_LINE_LENGTH = 4 + MAX_EPOCH_LENGTH + 1 + 19 + 1;

  /** Answer of {@link #parse}: the text is no id of any journal. */
  public static final long MALFORMED = -1;

  /** Answer of {@link #parse}: the id belongs to another epoch. */
  public static final long OTHER_EPOCH = -2;

  private EventId() {}

  /**
   * The id of a position.
   *
   * @param epoch the journal's epoch
   * @param position a position, {@code >= 0}; 0 is the place before the first event
   */
  public static String format(String epoch, long position) {
    return epoch + '-' + position;
  }

  /**
   * The position that an id names.
   *
   * @param text the id as the client gave it
   * @param epoch the epoch of the journal that is asked
   * @return the position, {@link #MALFORMED} or {@link #OTHER_EPOCH}
   */
  public static long parse(String text, String epoch) {
    int dash = text.lastIndexOf('-');
    int digits = text.length() - dash - 1;
    if (dash < 1 || digits < 1 || digits > 19 || dash > MAX_EPOCH_LENGTH) {
      return MALFORMED;
    }
    long position = 0;
    for (int i = dash + 1; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return MALFORMED;
      }
      position = position * 10 + digit;
      if (position < 0) {
        return MALFORMED;
      }
    }
    for (int i = 0; i < dash; i++) {
      if (!isEpochCharacter(text.charAt(i))) {
        return MALFORMED;
      }
    }
    return dash == epoch.length() && text.startsWith(epoch) ? position : OTHER_EPOCH;
  }

  /**
   * Checks an epoch.
   *
   * @return the epoch
   * @throws IllegalArgumentException if it is empty, too long, or has a character outside {@code
   *     [0-9A-Za-z.]}
   */
  public static String requireEpoch(String epoch) {
    if (epoch.isEmpty() || epoch.length() > MAX_EPOCH_LENGTH) {
      throw new IllegalArgumentException(
          "epoch: \"" + epoch + "\" (expected: 1 to " + MAX_EPOCH_LENGTH + " characters)");
    }
    for (int i = 0; i < epoch.length(); i++) {
      if (!isEpochCharacter(epoch.charAt(i)) || epoch.charAt(i) == '-') {
        throw new IllegalArgumentException(
            "epoch: \"" + epoch + "\" (expected: characters of [0-9A-Za-z.])");
      }
    }
    return epoch;
  }

  private static boolean isEpochCharacter(char c) {
    return (c >= '0' && c <= '9')
        || (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || c == '.'
        || c == '-';
  }

  /**
   * The start of every id line of an epoch: {@code "id: <epoch>-"} in ASCII, to be handed to {@link
   * #putIdLine} and {@link #putIdLineBefore}.
   */
  public static byte[] idLinePrefix(String epoch) {
    return ("id: " + requireEpoch(epoch) + '-').getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Writes {@code "id: <epoch>-<position>\n"}.
   *
   * @return the number of bytes written
   */
  public static int putIdLine(
      MutableDirectBuffer buffer, int offset, byte[] idLinePrefix, long position) {
    buffer.putBytes(offset, idLinePrefix);
    int length = idLinePrefix.length;
    length += buffer.putLongAscii(offset + length, position);
    buffer.putByte(offset + length, (byte) '\n');
    return length + 1;
  }

  /**
   * Writes an id line so that it ends just before {@code end}.
   *
   * @return the offset at which the line starts
   */
  public static int putIdLineBefore(
      MutableDirectBuffer buffer, int end, byte[] idLinePrefix, long position) {
    int offset = end - 1;
    buffer.putByte(offset, (byte) '\n');
    long rest = position;
    do {
      buffer.putByte(--offset, (byte) ('0' + rest % 10));
      rest /= 10;
    } while (rest != 0);
    offset -= idLinePrefix.length;
    buffer.putBytes(offset, idLinePrefix);
    return offset;
  }
}
