package io.ssegateway.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** All that a server said on an HTTP/1.1 connection, taken apart strictly. */
final class Http1Answers {
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 ([1-5]\\d\\d) [ -~]+");
  private static final Pattern FIELD = Pattern.compile("[!-9;-~]+: [ -~]*");

  private final List<Integer> statuses = new ArrayList<>();

  /**
   * Takes the text apart.
   *
   * @throws AssertionError if it is anything but answers, one behind the other
   */
  Http1Answers(String text) {
    byte[] rest = text.getBytes(StandardCharsets.UTF_8);
    while (rest.length > 0) {
      rest = takeOne(rest);
    }
  }

  private byte[] takeOne(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int end = text.indexOf("\r\n\r\n");
    assertThat(end).as("the end of a head in: %s", text).isPositive();
    String[] lines = text.substring(0, end).split("\r\n", -1);
    Matcher status = STATUS.matcher(lines[0]);
    assertThat(status.matches()).as("a status line: %s", lines[0]).isTrue();
    int length = 0;
    for (int i = 1; i < lines.length; i++) {
      assertThat(lines[i]).as("a field").matches(FIELD);
      String line = lines[i].toLowerCase(java.util.Locale.ROOT);
      if (line.startsWith("content-length: ")) {
        length = Integer.parseInt(line.substring(16));
      } else if (line.equals("content-type: text/event-stream")) {
        length = -1;
      }
    }
    statuses.add(Integer.parseInt(status.group(1)));
    byte[] rest = Arrays.copyOfRange(bytes, end + 4, bytes.length);
    String body = text.substring(end + 4);
    if (body.startsWith("HTTP/1.1 ") || body.isEmpty()) {
      return rest; // of HEAD, or without a body
    }
    if (length < 0) {
      return new byte[0]; // a stream goes on until the end
    }
    assertThat(length).as("Content-Length of: %s", text).isBetween(1, rest.length);
    return Arrays.copyOfRange(rest, length, rest.length);
  }

  /** The statuses in order, those of 1xx too. */
  List<Integer> statuses() {
    return statuses;
  }
}
