package io.ssegateway.benchmarks.load;

import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A server that somebody else has started. */
record RunningServer(String name, Target target, List<Long> pids) implements Server {
  static final String FORMAT =
      "name=NAME;stream=URL;publish=URL[;type=CONTENT-TYPE][;body=TEMPLATE][;pid=PID[,PID...]]";

  /**
   * Reads what a user says of a server.
   *
   * @throws IllegalArgumentException if it does not have the {@link #FORMAT}
   */
  static RunningServer parse(String text) {
    Map<String, String> fields = new HashMap<>();
    for (String part : text.split(";", -1)) {
      int equals = part.indexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException("server: " + text + " (expected: " + FORMAT + ")");
      }
      fields.put(part.substring(0, equals).trim(), part.substring(equals + 1));
    }
    String name = fields.get("name");
    String stream = fields.get("stream");
    String publish = fields.get("publish");
    if (name == null || stream == null || publish == null) {
      throw new IllegalArgumentException("server: " + text + " (expected: " + FORMAT + ")");
    }
    URI streamUri = uri(stream);
    List<Long> pids = new ArrayList<>();
    for (String pid : fields.getOrDefault("pid", "").split(",", -1)) {
      if (!pid.isBlank()) {
        pids.add(Long.valueOf(pid.trim()));
      }
    }
    Target target =
        new Target(
            new InetSocketAddress(streamUri.getHost(), streamUri.getPort()),
            path(stream),
            path(publish),
            fields.getOrDefault("type", "text/plain"),
            fields.getOrDefault("body", "{data}"));
    return new RunningServer(name, target, List.copyOf(pids));
  }

  private static URI uri(String url) {
    URI uri = URI.create(url.replace("{", "%7B").replace("}", "%7D"));
    if (!"http".equals(uri.getScheme()) || uri.getPort() < 0) {
      throw new IllegalArgumentException("url: " + url + " (expected: http://HOST:PORT/...)");
    }
    return uri;
  }

  private static String path(String url) {
    uri(url);
    int slash = url.indexOf('/', "http://".length());
    return slash < 0 ? "/" : url.substring(slash);
  }

  @Override
  public void close() {
    // not ours to end
  }
}
