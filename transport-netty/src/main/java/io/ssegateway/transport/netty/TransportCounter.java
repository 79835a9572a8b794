package io.ssegateway.transport.netty;

/** Every counter of the transport. All only grow. */
public enum TransportCounter {
  /** Streams refused because as many as the limit were open. */
  REFUSED_STREAMS("refused_streams", "streams refused because as many as the limit were open"),
  /** Streams refused because as many as the limit were open from one address. */
  REFUSED_ADDRESS(
      "refused_address", "streams refused because as many as the limit were open from one address"),
  /** Requests refused because too many came from one address. */
  REFUSED_RATE("refused_rate", "requests refused because too many came from one address"),
  /** Streams refused because as many as the limit were open of one subject. */
  REFUSED_SUBJECT(
      "refused_subject", "streams refused because as many as the limit were open of one subject"),
  /** Streams refused because all streams together owed more than they may. */
  REFUSED_PENDING(
      "refused_pending", "streams refused because all together owed more than they may"),
  /** Requests to publish refused because the publisher had published too much. */
  REFUSED_PUBLISH_RATE(
      "refused_publish_rate", "publishes refused because the publisher had published too much"),
  /**
   * Requests refused because their body, a message, their number of messages, or what the requests
   * of an HTTP/2 connection held together was too large.
   */
  REFUSED_SIZE("refused_size", "requests refused because their body or a message was too large"),
  /** Requests to publish refused because they held anything but messages. */
  REFUSED_MESSAGES("refused_messages", "publishes refused because they held anything but messages"),
  /** Streams refused because they asked for too many channels. */
  REFUSED_CHANNELS("refused_channels", "streams refused because of too many channels"),
  /**
   * Streams and publishes refused because the name of a channel, a type or an id was too long, or
   * could not be one.
   */
  REFUSED_NAMES(
      "refused_names", "streams and publishes refused because of a name, a type or an id"),
  /** Requests refused because their line or headers were too large. */
  REFUSED_HEADERS("refused_headers", "requests refused because line or headers were too large"),
  /** Connections, and HTTP/2 requests, that had not sent a whole request in time. */
  REFUSED_LATE("refused_late", "connections that had not sent a whole request in time"),
  /** Connections closed because they did not begin with a trusted proxy's PROXY header. */
  REFUSED_PROXY(
      "refused_proxy",
      "connections closed because they did not begin with a trusted proxy's PROXY header"),
  /** Times an event loop held its streams back because all together owed more than they may. */
  PENDING_LIMITED(
      "pending_limited",
      "times a loop's streams were held back because all together owed too much"),
  /** TLS handshakes that failed. */
  TLS_FAILURES("tls_failures", "TLS handshakes and connections that failed"),
  /** Times a new certificate was taken into use. */
  TLS_RELOADS("tls_reloads", "times a new certificate was taken into use"),
  /** Times a new certificate was wrong and the one before stayed in use. */
  TLS_RELOAD_FAILURES("tls_reload_failures", "times a new certificate was wrong and not used"),
  /** HTTP/2 connections begun. */
  HTTP2_CONNECTIONS("http2_connections", "HTTP/2 connections begun"),
  /** HTTP/2 connections ended because the peer broke the protocol or flooded us with frames. */
  HTTP2_VIOLATIONS("http2_violations", "HTTP/2 connections ended for what the peer sent"),
  /** HTTP/2 connections whose peer did not answer a PING. */
  HTTP2_PEERS_DEAD("http2_peers_dead", "HTTP/2 connections whose peer did not answer a PING"),
  /** Times something was compressed, for one stream or for many. */
  COMPRESSIONS("compressions", "times something was compressed, for one stream or for many"),
  /** Lines of the access log that were lost because it was written too slowly, or failed. */
  ACCESS_LOG_DROPPED(
      "access_log_dropped",
      "lines of the access log that were lost because it was written too slowly or failed"),
  ;

  private final String label;
  private final String description;

  TransportCounter(String label, String description) {
    this.label = label;
    this.description = description;
  }

  /** The name in stats and metrics, in snake case. */
  public String label() {
    return label;
  }

  /** What is counted, for people to read. */
  public String description() {
    return description;
  }
}
