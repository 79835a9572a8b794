package io.ssegateway.transport.netty;

import org.jspecify.annotations.Nullable;

/**
 * A request to an {@link HttpHandler}, and the place of its answer. What it tells may be asked on
 * the event loop only, before the handler returns; the answer may come from any thread.
 */
public interface HttpCall {
  /** The method, such as {@code POST}. */
  String method();

  /** The path, decoded, without the query. */
  String path();

  /** The first value of a header, whatever the case of the name, or null. */
  @Nullable String header(String name);

  /** The first value of a query parameter, decoded, or null. */
  @Nullable String query(String name);

  /** The body, which may be kept. */
  byte[] body();

  /** Whether the peer is this machine itself, and does not speak for somebody else as a proxy. */
  boolean isFromLoopback();

  /**
   * Answers. Any thread; calls after the first do nothing.
   *
   * @param status the HTTP status, from 200 to 599
   * @param contentType of the content
   * @param content may be empty
   */
  void respond(int status, String contentType, byte[] content);

  /**
   * Answers that something is wrong, as {@code application/problem+json} (RFC 9457). Any thread;
   * calls after the first do nothing.
   *
   * @param status the HTTP status, from 400 to 599
   * @param detail what was wrong, with the value, and what to do
   */
  void refuse(int status, String detail);
}
