package io.ssegateway.benchmarks.load;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A load.
 *
 * @param connections streams, each of one channel
 * @param rate events a second over all channels
 * @param channels channels, which the streams share evenly
 * @param payloadBytes of an event's data
 * @param slowPercent of the streams that stop reading until the load is over
 */
record Row(int connections, int rate, int channels, int payloadBytes, int slowPercent) {
  static final String FORMAT = "CONNECTIONSxRATE[@CHANNELS][:PAYLOAD-BYTES][/SLOW-PERCENT]";
  private static final Pattern PATTERN =
      Pattern.compile("(\\d+)x(\\d+)(?:@(\\d+))?(?::(\\d+))?(?:/(\\d+))?");

  Row {
    if (connections < 1 || rate < 1 || channels < 1 || channels > connections) {
      throw new IllegalArgumentException(
          "row: "
              + connections
              + "x"
              + rate
              + "@"
              + channels
              + " (expected: each at least 1, and no more channels than connections)");
    }
    if ((connections - connections * slowPercent / 100) % channels != 0) {
      throw new IllegalArgumentException(
          "row: "
              + connections
              + " connections, "
              + slowPercent
              + " % of them slow, on "
              + channels
              + " channels (expected: as many that read on each channel)");
    }
    if (slowPercent > 90) {
      throw new IllegalArgumentException(
          "slow streams: " + slowPercent + " % (expected: from 0 to 90)");
    }
  }

  /**
   * Reads one in the {@link #FORMAT}.
   *
   * @throws IllegalArgumentException if it has another
   */
  static Row parse(String text) {
    Matcher matcher = PATTERN.matcher(text.trim());
    if (!matcher.matches()) {
      throw new IllegalArgumentException("row: " + text + " (expected: " + FORMAT + ")");
    }
    return new Row(
        Integer.parseInt(matcher.group(1)),
        Integer.parseInt(matcher.group(2)),
        number(matcher.group(3), 1),
        number(matcher.group(4), 128),
        number(matcher.group(5), 0));
  }

  private static int number(String group, int otherwise) {
    return group == null ? otherwise : Integer.parseInt(group);
  }

  Row withRate(int newRate) {
    return new Row(connections, newRate, channels, payloadBytes, slowPercent);
  }

  int slowConnections() {
    return connections * slowPercent / 100;
  }

  @Override
  public String toString() {
    String text = connections + " x " + rate + "/s";
    if (channels > 1) {
      text += " on " + channels + " channels";
    }
    if (payloadBytes != 128) {
      text += ", " + payloadBytes + " B";
    }
    if (slowPercent > 0) {
      text += ", " + slowPercent + " % do not read";
    }
    return text;
  }
}
