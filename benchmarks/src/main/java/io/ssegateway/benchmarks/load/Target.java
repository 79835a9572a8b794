package io.ssegateway.benchmarks.load;

import java.net.InetSocketAddress;

/**
 * How a server is spoken to. Paths and bodies are templates, in which <code>{channel}</code> and
 * <code>{data}</code> are filled in.
 *
 * @param address where it listens
 * @param streamPath path and query of a stream
 * @param publishPath path and query of a publish
 * @param contentType of the body of a publish
 * @param body of a publish
 */
record Target(
    InetSocketAddress address,
    String streamPath,
    String publishPath,
    String contentType,
    String body) {

  /** A gateway of this project. */
  static Target gateway(InetSocketAddress address) {
    return new Target(
        address,
        "/sse/connect?channel_id={channel}",
        "/api/send",
        "application/json",
        "{\"channel_id\":\"{channel}\",\"data\":\"{data}\"}");
  }

  String stream(String channel) {
    return streamPath.replace("{channel}", channel);
  }

  /** The whole request that publishes data, which must need no escapes. */
  String publish(String channel, String data) {
    String content = body.replace("{channel}", channel).replace("{data}", data);
    return "POST "
        + publishPath.replace("{channel}", channel)
        + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
        + contentType
        + "\r\nContent-Length: "
        + content.length()
        + "\r\n\r\n"
        + content;
  }
}
