package io.ssegateway.benchmarks;

import io.ssegateway.engine.Message;
import java.nio.charset.StandardCharsets;

/** Payloads and names that look the same in every benchmark. */
final class Payloads {
  private Payloads() {}

  /** Text without a line break, of so many bytes. */
  static String text(int bytes) {
    return "p".repeat(bytes);
  }

  static byte[] utf8(int bytes) {
    return text(bytes).getBytes(StandardCharsets.UTF_8);
  }

  static String channel(int index) {
    return "channel-" + index;
  }

  /** The names of so many channels. */
  static String[] channels(int count) {
    String[] names = new String[count];
    for (int i = 0; i < count; i++) {
      names[i] = channel(i);
    }
    return names;
  }

  static Message message(String channel, int bytes) {
    return Message.of(channel, text(bytes));
  }
}
