package io.ssegateway.stress;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * A body of {@code POST /api/send}, right by construction, and what is to come of it.
 *
 * @param json the body
 * @param events what a stream of {@link #CHANNEL} is to hear, in order
 */
record MadeUpMessages(String json, List<Event> events) {
  static final String CHANNEL = "echo";

  private static final String LETTERS = "aZ09 .,:;{}[]\"\\/\n\r\t\u0000\u001f\u007fé\u2028\ufeff日";
  private static final List<String> SPACE = List.of("", "", "", " ", "\n", "\t", "\r\n", "  ");
  private static final int MOST_MESSAGES = 4;

  /**
   * What a listener hears of a message.
   *
   * @param data as it was published; over the wire CR and CRLF become LF
   */
  record Event(String type, String data) {
    String heard() {
      return data.replace("\r\n", "\n").replace('\r', '\n');
    }
  }

  static MadeUpMessages of(Random random) {
    List<Event> events = new ArrayList<>();
    int number = 1 + random.nextInt(MOST_MESSAGES);
    List<String> messages = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      messages.add(message(events, random));
    }
    String body =
        switch (random.nextInt(3)) {
          case 0 -> "[" + String.join(space(random) + ",", messages) + space(random) + "]";
          case 1 -> String.join("\n", messages) + space(random);
          default -> String.join(space(random), messages);
        };
    return new MadeUpMessages(space(random) + body, events);
  }

  private static String message(List<Event> events, Random random) {
    String type = random.nextInt(3) == 0 ? text(random, 8).replaceAll("[\\r\\n\\x00]", "_") : "";
    List<String> fields = new ArrayList<>();
    fields.add(field("channel_id", CHANNEL, random));
    if (!type.isEmpty()) {
      fields.add(field("event_type", type, random));
    }
    String data;
    if (random.nextBoolean()) {
      data = text(random, 40);
      fields.add(field("data", data, random));
    } else {
      StringBuilder compact = new StringBuilder();
      StringBuilder spaced = new StringBuilder();
      value(compact, spaced, 0, random);
      data = compact.toString();
      fields.add("\"data\"" + space(random) + ":" + space(random) + spaced);
    }
    if (random.nextInt(4) == 0) {
      fields.add("\"retry\":" + random.nextInt(Integer.MAX_VALUE));
    }
    if (random.nextInt(4) == 0) {
      fields.add("\"id\":" + (random.nextBoolean() ? "7" : "\"p-7\""));
    }
    Collections.shuffle(fields, random);
    events.add(new Event(type.isEmpty() ? "message" : type, data));
    return "{" + space(random) + String.join(space(random) + "," + space(random), fields) + "}";
  }

  private static String field(String name, String value, Random random) {
    return "\"" + name + "\"" + space(random) + ":" + space(random) + quoted(value, random);
  }

  /** Any JSON value but a string, as it is published and as compact as it comes out. */
  private static void value(StringBuilder compact, StringBuilder spaced, int depth, Random random) {
    switch (random.nextInt(depth == 0 ? 7 : 9)) {
      case 0, 1 -> both(compact, spaced, "-0.0e+5");
      case 2 -> both(compact, spaced, "12345678901234567890.50");
      case 3 -> both(compact, spaced, depth == 0 ? "true" : "null");
      case 4, 5 -> {
        int members = depth > 6 ? 0 : random.nextInt(4);
        both(compact, spaced, "{");
        for (int i = 0; i < members; i++) {
          both(compact, spaced, (i == 0 ? "" : ",") + quoted(text(random, 5), random) + ":");
          spaced.append(space(random));
          value(compact, spaced, depth + 1, random);
        }
        both(compact, spaced, "}");
      }
      case 6 -> {
        int elements = depth > 6 ? 0 : random.nextInt(4);
        both(compact, spaced, "[");
        for (int i = 0; i < elements; i++) {
          both(compact, spaced, i == 0 ? "" : ",");
          value(compact, spaced, depth + 1, random);
          spaced.append(space(random));
        }
        both(compact, spaced, "]");
      }
      default -> both(compact, spaced, quoted(text(random, 10), random));
    }
  }

  private static void both(StringBuilder compact, StringBuilder spaced, String text) {
    compact.append(text);
    spaced.append(text);
  }

  private static String text(Random random, int mostLetters) {
    StringBuilder text = new StringBuilder();
    for (int letters = random.nextInt(mostLetters + 1); letters > 0; letters--) {
      if (random.nextInt(12) == 0) {
        text.appendCodePoint(0x1F300 + random.nextInt(256));
      } else {
        text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
      }
    }
    return text.toString();
  }

  private static String quoted(String text, Random random) {
    StringBuilder json = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            c -> {
              if (c == '"' || c == '\\') {
                json.append('\\').appendCodePoint(c);
              } else if (c < ' ' || random.nextInt(10) == 0) {
                String format = random.nextBoolean() ? "\\u%04x" : "\\u%04X";
                for (char half : Character.toChars(c)) {
                  json.append(String.format(format, (int) half));
                }
              } else {
                json.appendCodePoint(c);
              }
            });
    return json.append('"').toString();
  }

  private static String space(Random random) {
    return SPACE.get(random.nextInt(SPACE.size()));
  }
}
