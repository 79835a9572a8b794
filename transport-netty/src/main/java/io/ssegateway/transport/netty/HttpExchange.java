package io.ssegateway.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.ssegateway.engine.frame.TraceContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request, and the place that its response has in the order of the carrier. Answered once, at any
 * time, on the event loop.
 */
final class HttpExchange {
  private final RequestCarrier carrier;
  private final HttpMethod method;
  private final QueryStringDecoder uri;
  private final HttpHeaders headers;
  private ByteBuf body;
  private final boolean keepAlive;

  private final @Nullable AccessRecord record;

  private boolean waiting;

  // the answer, until its turn comes
  @Nullable Response response;
  boolean closeAfter;
  @Nullable Runnable takeover;

  HttpExchange(
      RequestCarrier carrier,
      String protocol,
      HttpMethod method,
      QueryStringDecoder uri,
      HttpHeaders headers,
      ByteBuf body,
      boolean keepAlive) {
    this.carrier = carrier;
    this.method = method;
    this.uri = uri;
    this.headers = headers;
    this.body = body;
    this.keepAlive = keepAlive;
    AccessLogWriter log = carrier.accessLog();
    this.record =
        log == null
            ? null
            : new AccessRecord(log, client(), protocol, method.name(), uri.rawPath(), headers);
  }

  HttpMethod method() {
    return method;
  }

  String path() {
    return uri.path();
  }

  QueryStringDecoder uri() {
    return uri;
  }

  /**
   * Decodes path and query, which happens only now.
   *
   * @throws HttpProblem if they cannot be decoded
   */
  void requireReadableTarget() {
    try {
      uri.path();
      uri.parameters();
    } catch (IllegalArgumentException e) {
      // the exception quotes the query, and that may hold a credential
      throw HttpProblem.badRequest("request target: malformed (expected: UTF-8, percent-encoded)");
    }
  }

  HttpHeaders headers() {
    return headers;
  }

  /** The trace that it is part of; null if there is none, or an invalid one. */
  @Nullable TraceContext traceContext() {
    return TraceHeaders.of(headers);
  }

  /** The body; valid until the endpoint returns, or has gone on after it waited. */
  ByteBuf body() {
    return body;
  }

  Channel channel() {
    return carrier.channel();
  }

  /** The values of a query parameter, in order; empty if it is absent. */
  List<String> query(String name) {
    return uri.parameters().getOrDefault(name, List.of());
  }

  /** The first value of a query parameter, or null. */
  @Nullable String firstQuery(String name) {
    return RequestTarget.first(uri.parameters(), name);
  }

  /**
   * A number out of the query.
   *
   * @throws HttpProblem if it is no number from 0 to the maximum
   */
  int intQuery(String name, int defaultValue, int maximum) {
    String text = firstQuery(name);
    if (text == null) {
      return defaultValue;
    }
    try {
      int value = Integer.parseInt(text);
      if (value >= 0 && value <= maximum) {
        return value;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw HttpProblem.badRequest(
        name + ": \"" + text + "\" (expected: a number from 0 to " + maximum + ")");
  }

  /**
   * One of some words out of the query.
   *
   * @param words the first is the default
   * @throws HttpProblem if it is another
   */
  String choiceQuery(String name, String... words) {
    String text = firstQuery(name);
    if (text == null || text.isEmpty()) {
      return words[0];
    }
    if (!Arrays.asList(words).contains(text)) {
      throw HttpProblem.badRequest(
          name + ": \"" + text + "\" (expected: one of " + String.join(", ", words) + ")");
    }
    return text;
  }

  /** What stands behind the last slash of the path, decoded; a slash in it came encoded. */
  String lastSegment() {
    String raw = uri.rawPath();
    return QueryStringDecoder.decodeComponent(
        raw.substring(raw.lastIndexOf('/') + 1).replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** Goes on with this exchange on the event loop, soon, as {@link #proceed} does. Any thread. */
  void onLoop(Runnable step) {
    channel().eventLoop().execute(() -> proceed(step));
  }

  /**
   * Whether the peer is this machine itself, and does not speak for somebody else as a proxy does.
   */
  boolean isFromLoopback() {
    if (headers.contains("Forwarded")
        || headers.contains("X-Forwarded-For")
        || PeerAddress.isTold(channel())) {
      return false;
    }
    InetAddress peer = peer();
    return peer != null && peer.isLoopbackAddress();
  }

  /** The address of who asks, which a trusted proxy may have told; null if it is unknown. */
  @Nullable InetAddress client() {
    return carrier.admission().client(peer(), headers);
  }

  private @Nullable InetAddress peer() {
    InetSocketAddress address = PeerAddress.of(channel());
    return address == null ? null : address.getAddress();
  }

  /** What lets requests and streams in. */
  Admission admission() {
    return carrier.admission();
  }

  /**
   * The request as an authenticator sees it.
   *
   * @throws HttpProblem if there is a credential that cannot be understood
   */
  AuthenticationRequest authenticationRequest(List<String> channels, AuthOptions options) {
    return new AuthenticationRequest(
        method.name(), path(), headers, uri.parameters(), channels, client(), options);
  }

  /** The endpoint returns, but goes on later. Until then nothing more is read. */
  void waitForDecision() {
    waiting = true;
    body = Unpooled.wrappedBuffer(ByteBufUtil.getBytes(body));
    carrier.waiting(1);
  }

  /** Goes on, unless nobody is left to be answered. What the action throws is the answer. */
  void proceed(Runnable action) {
    if (waiting) {
      waiting = false;
      carrier.waiting(-1);
    }
    if (!carrier.isOver()) {
      Router.guard(this, action);
    }
  }

  /** Answers. */
  void respond(Response wholeResponse) {
    if (carrier.isOver()) {
      return;
    }
    response = wholeResponse;
    closeAfter |= !keepAlive;
    carrier.answered();
  }

  /** Answers with a body; the headers that the origin needs are added. */
  void respond(int status, String contentType, byte[] content) {
    respond(status, contentType, Map.of(), content);
  }

  /**
   * Answers with a body and further headers, which have to be {@link ResponseHead#requireField}.
   */
  void respond(int status, String contentType, Map<String, String> fields, byte[] content) {
    respond(Responses.of(status, contentType, fields, content, this));
  }

  /** Answers with a problem. */
  void respond(HttpProblem problem) {
    if (!carrier.isOver()) {
      admission().count(problem);
    }
    closeAfter |= problem.closesConnection();
    respond(Responses.of(problem, this));
  }

  /** Says that the answer comes as soon as the journal has what was published. */
  void publishing() {
    carrier.publishing();
  }

  /** Hands the connection over when the responses before this one are written. */
  void takeOver(Runnable action) {
    takeover = action;
    carrier.readNoFurther();
    carrier.answered();
  }

  /** Turns what the request came by into a stream; to be called by what was given to takeOver. */
  StreamOutlet openStream(ResponseHead head) {
    InetSocketAddress peer = PeerAddress.of(channel());
    boolean told = PeerAddress.isTold(channel());
    StreamOutlet outlet = carrier.openStream(head, admission().toldAddress(peer, told, client()));
    if (record != null) {
      record.streaming(head.status());
      outlet.record(record);
    }
    return outlet;
  }

  /** Notes who asks, for the access log. */
  void identifiedAs(Grant grant) {
    if (record != null) {
      record.identifiedAs(grant);
    }
  }

  /** Its answer is handed to the socket. */
  void written(Response answer) {
    if (record != null) {
      record.answered(answer.head().status(), answer.content().length);
    }
  }

  /** Nobody is left to be answered. */
  void abandoned() {
    if (record != null) {
      record.answered(0, 0);
    }
  }

  boolean isAnswered() {
    return response != null || takeover != null;
  }

  boolean isKeepAlive() {
    return keepAlive;
  }

  Cors cors() {
    return carrier.cors();
  }
}
