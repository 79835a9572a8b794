package io.ssegateway.storage.chronicle;

import org.agrona.MutableDirectBuffer;

/** Writes text as UTF-8 without garbage. */
final class Utf8 {
  private Utf8() {}

  /**
   * Writes a text; a lone surrogate becomes {@code ?}.
   *
   * @param buffer with room for three bytes a character
   * @return the number of bytes written
   */
  static int put(MutableDirectBuffer buffer, int offset, String text) {
    int at = offset;
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        buffer.putByte(at++, (byte) c);
      } else if (c < 0x800) {
        buffer.putByte(at++, (byte) (0xC0 | (c >> 6)));
        buffer.putByte(at++, (byte) (0x80 | (c & 0x3F)));
      } else if (!Character.isSurrogate(c)) {
        buffer.putByte(at++, (byte) (0xE0 | (c >> 12)));
        buffer.putByte(at++, (byte) (0x80 | ((c >> 6) & 0x3F)));
        buffer.putByte(at++, (byte) (0x80 | (c & 0x3F)));
      } else if (Character.isHighSurrogate(c)
          && i + 1 < length
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        int point = Character.toCodePoint(c, text.charAt(++i));
        buffer.putByte(at++, (byte) (0xF0 | (point >> 18)));
        buffer.putByte(at++, (byte) (0x80 | ((point >> 12) & 0x3F)));
        buffer.putByte(at++, (byte) (0x80 | ((point >> 6) & 0x3F)));
        buffer.putByte(at++, (byte) (0x80 | (point & 0x3F)));
      } else {
        buffer.putByte(at++, (byte) '?');
      }
    }
    return at - offset;
  }
}
