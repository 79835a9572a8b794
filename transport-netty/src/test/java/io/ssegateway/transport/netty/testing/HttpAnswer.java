package io.ssegateway.transport.netty.testing;

import java.util.List;
import java.util.Map;

/**
 * An HTTP response.
 *
 * @param status the status code
 * @param head status line and headers as they came, without the empty line
 * @param headers names in lower case, in the order in which they came
 * @param body the body
 */
public record HttpAnswer(int status, String head, Map<String, List<String>> headers, String body) {

  /** A header's only value, or null if it is absent. */
  public String header(String name) {
    List<String> values = headers.getOrDefault(name.toLowerCase(java.util.Locale.ROOT), List.of());
    if (values.size() > 1) {
      throw new AssertionError(name + " came " + values.size() + " times in:\n" + head);
    }
    return values.isEmpty() ? null : values.get(0);
  }

  /** A JSON string, number or boolean of the body's top level, found by its name; or null. */
  public String field(String name) {
    java.util.regex.Matcher matcher =
        java.util.regex.Pattern.compile(
                '"' + name + "\":(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([-0-9.a-z]+))")
            .matcher(body);
    if (!matcher.find()) {
      return null;
    }
    String text = matcher.group(1);
    return text != null ? text : matcher.group(2);
  }
}
