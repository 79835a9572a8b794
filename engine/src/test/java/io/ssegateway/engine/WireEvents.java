package io.ssegateway.engine;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a client makes of a stream's bytes, by the rules of the WHATWG HTML standard, section 9.2.6,
 * and with comments kept.
 */
final class WireEvents {
  /**
   * A block of the stream: what stands between two empty lines.
   *
   * @param id the value of its last id field, or null
   * @param type its event type, or {@code message}
   * @param data its data lines joined by LF, or null without any, which makes it no event
   * @param retry the value of its retry field, or null
   * @param comment its comment lines joined by LF, or null
   */
  record Block(String id, String type, String data, String retry, String comment) {
    boolean isEvent() {
      return data != null;
    }
  }

  private WireEvents() {}

  static List<Block> parse(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    List<Block> blocks = new ArrayList<>();
    String id = null;
    String type = null;
    String data = null;
    String retry = null;
    String comment = null;
    boolean any = false;
    int start = 0;
    while (start < text.length()) {
      int end = endOfLine(text, start);
      int from = start;
      boolean crlf = text.startsWith("\r\n", end);
      start = end + (crlf ? 2 : 1);
      if (end == from) {
        if (any) {
          blocks.add(new Block(id, type == null ? "message" : type, data, retry, comment));
        }
        id = null;
        type = null;
        data = null;
        retry = null;
        comment = null;
        any = false;
        continue;
      }
      String line = text.substring(from, end);
      any = true;
      int colon = line.indexOf(':');
      String name = colon < 0 ? line : line.substring(0, colon);
      String value = colon < 0 ? "" : line.substring(colon + 1);
      if (value.startsWith(" ")) {
        value = value.substring(1);
      }
      switch (name) {
        case "" -> comment = comment == null ? value : comment + "\n" + value;
        case "id" -> id = value;
        case "event" -> type = value;
        case "data" -> data = data == null ? value : data + "\n" + value;
        case "retry" -> retry = value;
        default -> throw new AssertionError("unknown field in line \"" + line + "\"");
      }
    }
    if (any) {
      throw new AssertionError("the stream ends within a block: " + text);
    }
    return blocks;
  }

  private static int endOfLine(String text, int from) {
    int end = from;
    while (end < text.length() && text.charAt(end) != '\n' && text.charAt(end) != '\r') {
      end++;
    }
    return end;
  }
}
