package io.ssegateway.transport.netty;

import java.util.ArrayList;
import java.util.List;

/**
 * Takes {@code Forwarded} (RFC 7239) apart, as far as it tells who was spoken for. Stateless.
 *
 * <pre>
 *   Forwarded: for=192.0.2.43;proto=https, For="[2001:db8:cafe::17]:4711", for=_hidden
 * </pre>
 */
final class ForwardedHops {
  private ForwardedHops() {}

  /**
   * The nodes that spoke, in their order. A hop without {@code for}, with more than one, or after
   * something that is not well-formed, is told as an empty text, which is no address.
   */
  static List<String> of(List<String> fields) {
    List<String> hops = new ArrayList<>();
    for (String field : fields) {
      int at = 0;
      while (at <= field.length()) {
        int end = endOf(field, at, ',');
        hops.add(node(field.substring(at, end)));
        at = end + 1;
      }
    }
    return hops;
  }

  private static String node(String element) {
    String node = "";
    int at = 0;
    while (at <= element.length()) {
      int end = endOf(element, at, ';');
      String pair = element.substring(at, end).strip();
      int equals = pair.indexOf('=');
      if (equals >= 0 && pair.substring(0, equals).equalsIgnoreCase("for")) {
        if (!node.isEmpty()) {
          return "";
        }
        node = unquoted(pair.substring(equals + 1));
      }
      at = end + 1;
    }
    return node;
  }

  /** Where the next delimiter stands that is in no quotes, or the text's end. */
  private static int endOf(String text, int from, char delimiter) {
    boolean quoted = false;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted && c == '\\') {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == delimiter && !quoted) {
        return i;
      }
    }
    return text.length();
  }

  private static String unquoted(String value) {
    int last = value.length() - 1;
    boolean quoted = last > 0 && value.charAt(0) == '"' && value.charAt(last) == '"';
    return quoted ? value.substring(1, last).replace("\\", "") : value;
  }
}
