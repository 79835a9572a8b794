package io.ssegateway.transport.netty.testing;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Takes a stream apart by the WHATWG HTML standard, section 9.2.6, except that every block is
 * reported and not events alone. Not thread-safe.
 */
public final class SseParser {
  private byte[] line = new byte[256];
  private int length;
  private boolean afterCr;

  private String id;
  private String type;
  private StringBuilder data;
  private int retryMs = -1;
  private List<String> comments = List.of();
  private boolean anything;

  /** Takes the next bytes and hands out the blocks that they complete. */
  public void feed(ByteBuffer bytes, Consumer<SseBlock> blocks) {
    while (bytes.hasRemaining()) {
      byte b = bytes.get();
      boolean secondOfCrlf = afterCr && b == '\n';
      afterCr = b == '\r';
      if (secondOfCrlf) {
        continue;
      }
      if (b == '\n' || b == '\r') {
        endLine(blocks);
      } else {
        if (length == line.length) {
          line = java.util.Arrays.copyOf(line, length * 2);
        }
        line[length++] = b;
      }
    }
  }

  private void endLine(Consumer<SseBlock> blocks) {
    if (length == 0) {
      endBlock(blocks);
      return;
    }
    String text = new String(line, 0, length, StandardCharsets.UTF_8);
    length = 0;
    anything = true;
    int colon = text.indexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    String value = colon < 0 ? "" : text.substring(colon + 1);
    if (value.startsWith(" ")) {
      value = value.substring(1);
    }
    switch (name) {
      case "" -> addComment(value);
      case "id" -> id = value;
      case "event" -> type = value;
      case "data" -> {
        if (data == null) {
          data = new StringBuilder(value);
        } else {
          data.append('\n').append(value);
        }
      }
      case "retry" -> retryMs = Integer.parseInt(value);
      default -> throw new AssertionError("field that SSE does not know: " + text);
    }
  }

  private void addComment(String text) {
    if (comments.isEmpty()) {
      comments = new ArrayList<>();
    }
    comments.add(text);
  }

  private void endBlock(Consumer<SseBlock> blocks) {
    if (!anything) {
      return;
    }
    SseBlock block =
        new SseBlock(
            id,
            type == null ? "message" : type,
            data == null ? null : data.toString(),
            retryMs,
            comments);
    id = null;
    type = null;
    data = null;
    retryMs = -1;
    comments = List.of();
    anything = false;
    blocks.accept(block);
  }
}
