package io.ssegateway.transport.netty;

import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.NetUtil;
import io.ssegateway.engine.CloseReason;
import io.ssegateway.engine.frame.TraceContext;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A request, or a stream, until it is over and has its line in the access log. There is none if
 * there is no access log. Owned by its event loop.
 */
final class AccessRecord {
  /** Stands for what a request did not say, or what could not be read of it. */
  static final String UNKNOWN = "-";

  private static final int MAX_PATH = 1024;
  private static final int MAX_USER_AGENT = 256;

  private final AccessLogWriter log;
  private final long startedAtMs = System.currentTimeMillis();
  private final long startedNs = System.nanoTime();
  private final String client;
  private final String protocol;
  private final String method;
  private final String path;
  private final @Nullable String userAgent;
  private final @Nullable String traceId;

  private @Nullable String subject;
  private @Nullable CloseReason closeReason;
  private int status;
  private long bytes;
  private boolean written;

  AccessRecord(
      AccessLogWriter log,
      @Nullable InetAddress client,
      String protocol,
      String method,
      String rawPath,
      HttpHeaders headers) {
    this.log = log;
    this.client = client == null ? "" : NetUtil.toAddressString(client);
    this.protocol = protocol;
    this.method = method;
    this.path = cut(rawPath, MAX_PATH);
    String agent = headers.get("User-Agent");
    this.userAgent = agent == null ? null : cut(agent, MAX_USER_AGENT);
    TraceContext trace = TraceHeaders.of(headers);
    this.traceId = trace == null ? null : trace.traceId();
  }

  /** A request that could not be read, or never came. */
  static AccessRecord ofUnread(AccessLogWriter log, @Nullable InetAddress client, String protocol) {
    return new AccessRecord(log, client, protocol, UNKNOWN, UNKNOWN, EmptyHttpHeaders.INSTANCE);
  }

  private static String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most) + '…';
  }

  /** Notes who asks. */
  void identifiedAs(Grant grant) {
    subject = grant.subject();
  }

  /** A stream begins. */
  void streaming(int withStatus) {
    status = withStatus;
  }

  /** Bytes of a stream were handed to the socket, or to what waits for it. */
  void add(int length) {
    bytes += length;
  }

  /** A stream is being closed, for the first reason that is given. */
  void closing(CloseReason reason) {
    if (closeReason == null) {
      closeReason = reason;
    }
  }

  /** A stream is over. */
  void ended(CloseReason reason) {
    if (status != 0) {
      closing(reason);
    }
    write();
  }

  /**
   * The request has its answer.
   *
   * @param withStatus 0 if nobody was left to be answered
   */
  void answered(int withStatus, int length) {
    status = withStatus;
    bytes = length;
    write();
  }

  private void write() {
    if (written) {
      return;
    }
    written = true;
    log.offer(
        new AccessLogEntry(
            startedAtMs,
            TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNs),
            client,
            subject,
            protocol,
            method,
            path,
            status,
            bytes,
            userAgent,
            traceId,
            closeReason));
  }
}
