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
