package io.ssegateway.gateway.config;

import io.ssegateway.gateway.config.Setting.Group;
import io.ssegateway.transport.netty.Http2Options;
import io.ssegateway.transport.netty.LimitOptions;
import java.util.ArrayList;
import java.util.List;

/** Settings of TLS, HTTP/2 and limits. */
public final class NetworkSettings {
  private static final List<Setting<?>> ALL = new ArrayList<>();

  private static final Http2Options HTTP2 = Http2Options.DEFAULTS;
  private static final LimitOptions LIMITS = LimitOptions.DEFAULTS;

  /** The file of the certificate. */
  public static final Setting<String> TLS_CERTIFICATE =
      add(
          Setting.text(
              Group.NETWORK,
              "tls-certificate",
              "",
              "File with the server's certificate, then those that lead to the root, as PEM. With"
                  + " it connections are by TLS only. A changed file is taken into use without a"
                  + " restart."));

  /** The file of the key. */
  public static final Setting<String> TLS_KEY =
      add(
          Setting.text(
              Group.NETWORK,
              "tls-key",
              "",
              "File with the certificate's private key (RSA or EC), as PEM, PKCS #8, not"
                  + " encrypted."));

  /** Time between looks at the files. */
  public static final Setting<Integer> TLS_RELOAD =
      add(
          Setting.duration(
              Group.NETWORK,
              "tls-reload",
              "5s",
              10,
              "Time after which the files of the certificate are looked at again."));

  /** Streams of an HTTP/2 connection. */
  public static final Setting<Integer> HTTP2_MAX_STREAMS =
      add(
          Setting.integer(
              Group.NETWORK,
              "http2-max-streams",
              HTTP2.maxStreams(),
              1,
              1_000_000,
              "Most requests and streams at a time of one HTTP/2 connection."));

  /** Silence before a PING. */
  public static final Setting<Integer> HTTP2_PING =
      add(
          Setting.duration(
              Group.NETWORK,
              "http2-ping",
              "20s",
              1,
              "Time without a sign of an HTTP/2 peer after which it is asked for one, and again"
                  + " after which it is held to be dead."));

  /** What streams may be compressed by. */
  public static final Setting<List<String>> COMPRESSION =
      add(
          Setting.list(
              Group.NETWORK,
              "compression",
              "What streams may be compressed by if the client accepts it: gzip, zstd or both,"
                  + " separated by commas; nothing by default."));

  /** What is too small to be compressed. */
  public static final Setting<Long> COMPRESSION_MIN =
      add(
          Setting.size(
              Group.NETWORK,
              "compression-min",
              "256",
              0,
              65_535,
              "Bytes below which an event, or what else is sent at once, is not worth compressing"
                  + " and goes as it is."));

  /** Streams of one address. */
  public static final Setting<Integer> MAX_STREAMS_PER_ADDRESS =
      add(
          Setting.integer(
              Group.NETWORK,
              "max-streams-per-address",
              LIMITS.maxStreamsPerAddress(),
              0,
              Integer.MAX_VALUE,
              "Most open streams of one client address, of an IPv6 client of its /64; 0 for no"
                  + " bound."));

  /** Streams of one subject. */
  public static final Setting<Integer> MAX_STREAMS_PER_SUBJECT =
      add(
          Setting.integer(
              Group.NETWORK,
              "max-streams-per-subject",
              LIMITS.maxStreamsPerSubject(),
              0,
              Integer.MAX_VALUE,
              "Most open streams of one subject, as credentials name it; 0 for no bound."));

  /** Bytes that all streams may owe. */
  public static final Setting<Long> MAX_TOTAL_PENDING =
      add(
          Setting.size(
              Group.NETWORK,
              "max-total-pending",
              "512MiB",
              0,
              1L << 40,
              "Bytes that all streams' sockets may owe together; 0 for no bound. Above it newcomers"
                  + " are refused, and whoever owes anything reads the journal."));

  /** Requests of one address. */
  public static final Setting<Integer> REQUEST_RATE =
      add(
          Setting.integer(
              Group.NETWORK,
              "request-rate",
              LIMITS.requestsPerSecond(),
              0,
              1_000_000,
              "Requests a second that one client address may make for long, /health and /ready"
                  + " not counted; 0 for no bound. More are 429."));

  /** Requests of one address at once. */
  public static final Setting<Integer> REQUEST_BURST =
      add(
          Setting.integer(
              Group.NETWORK,
              "request-burst",
              LIMITS.requestBurst(),
              1,
              1_000_000,
              "Requests that one client address may make at once, if they are bounded."));

  /** Messages of one publisher. */
  public static final Setting<Integer> PUBLISH_RATE =
      add(
          Setting.integer(
              Group.NETWORK,
              "publish-rate",
              LIMITS.messagesPerSecond(),
              0,
              1_000_000,
              "Messages a second that one publisher, told by its credential's subject or else its"
                  + " address, may publish by HTTP for long; 0 for no bound. More are 429."));

  /** Messages of one publisher at once. */
  public static final Setting<Integer> PUBLISH_BURST =
      add(
          Setting.integer(
              Group.NETWORK,
              "publish-burst",
              LIMITS.messageBurst(),
              1,
              1_000_000,
              "Messages that one publisher may publish at once, if they are bounded."));

  /** How a stream is refused. */
  public static final Setting<LimitOptions.Refusal> REFUSAL =
      add(
          Setting.choice(
              Group.NETWORK,
              "refusal",
              LIMITS.refusal(),
              "How a stream over a limit is refused: by 503, by 429, or by 200 with nothing but a"
                  + " time to come back after, since browsers never come back after an error."));

  /** Time for the refused to come back after. */
  public static final Setting<Integer> REFUSAL_RETRY =
      add(
          Setting.duration(
              Group.NETWORK,
              "refusal-retry",
              "30s",
              1,
              "Time after which a client refused by 200 is told to come back, each with a jitter"
                  + " of half of it."));

  /** Who is believed. */
  public static final Setting<List<String>> TRUSTED_PROXIES =
      add(
          Setting.list(
              Group.NETWORK,
              "trusted-proxies",
              "Addresses and networks, such as 10.0.0.0/8, of proxies that are believed when they"
                  + " tell a client's address, separated by commas."));

  /** The header that is believed. */
  public static final Setting<LimitOptions.ForwardedHeader> FORWARDED_HEADER =
      add(
          Setting.choice(
              Group.NETWORK,
              "forwarded-header",
              LIMITS.forwardedHeader(),
              "The header in which trusted proxies tell a client's address. The other one is not"
                  + " believed."));

  /** Whether connections begin with a PROXY header. */
  public static final Setting<Boolean> PROXY_PROTOCOL =
      add(
          Setting.yesOrNo(
              Group.NETWORK,
              "proxy-protocol",
              LIMITS.proxyProtocol(),
              "Whether every connection is a trusted proxy's and begins with a header of the PROXY"
                  + " protocol, version 1 or 2. Others are closed."));

  private NetworkSettings() {}

  private static <T> Setting<T> add(Setting<T> setting) {
    ALL.add(setting);
    return setting;
  }

  static List<Setting<?>> all() {
    return List.copyOf(ALL);
  }
}
