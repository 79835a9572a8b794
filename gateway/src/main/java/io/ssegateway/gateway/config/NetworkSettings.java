package io.ssegateway.gateway.config;

import io.ssegateway.gateway.config.Setting.Group;
import io.ssegateway.transport.netty.Http2Options;
import java.util.ArrayList;
import java.util.List;

/** Settings of TLS and HTTP/2. */
public final class NetworkSettings {
  private static final List<Setting<?>> ALL = new ArrayList<>();

  private static final Http2Options HTTP2 = Http2Options.DEFAULTS;

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

  private NetworkSettings() {}

  private static <T> Setting<T> add(Setting<T> setting) {
    ALL.add(setting);
    return setting;
  }

  static List<Setting<?>> all() {
    return List.copyOf(ALL);
  }
}
