package io.ssegateway.transport.netty;

import java.util.Map;
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

  /**
   * Whether the peer is this machine itself, and does not speak for somebody else as a proxy. A
   * page that a browser on it shows counts as well; see {@link #requireLoopback}.
   */
  boolean isFromLoopback();

  /**
   * Goes on only if the caller has a role, perhaps later; anybody else is refused here, by 401 or
   * 403. A method that changes something is also refused to pages of foreign origins. To be called
   * on the event loop, before the handler returns; what the call tells may be asked in {@code then}
   * as well. An endpoint that was added with a role has asked already.
   *
   * @param then runs on the event loop, with {@link #grant} set
   */
  void require(Role role, Runnable then);

  /**
   * Goes on only if the caller is this machine itself, and no page that a browser on it shows; any
   * other is refused here, by 403. For what is to need no credential from there. To be called on
   * the event loop, before the handler returns.
   *
   * @param detail what another machine is told, and what to do
   * @param then runs at once
   */
  void requireLoopback(String detail, Runnable then);

  /** What the caller may do; nothing, unless a role was required. */
  Grant grant();

  /**
   * Answers. Any thread; calls after the first do nothing.
   *
   * @param status the HTTP status, from 200 to 599
   * @param contentType of the content
   * @param content may be empty
   */
  default void respond(int status, String contentType, byte[] content) {
    respond(status, contentType, Map.of(), content);
  }

  /**
   * Answers with further headers, as {@link PageHeaders#strict} for a page. Any thread; calls after
   * the first do nothing.
   *
   * @param headers by name; {@code Content-Type}, {@code Content-Length}, what CORS needs and,
   *     unless there is another, {@code Cache-Control: no-store} are added
   * @throws IllegalArgumentException if a name or a value is not fit for a header
   */
  void respond(int status, String contentType, Map<String, String> headers, byte[] content);

  /**
   * Answers that something is wrong, as {@code application/problem+json} (RFC 9457). What is so for
   * now only (429, 503, 507) is to be tried again after a second, by {@code Retry-After}. Any
   * thread; calls after the first do nothing.
   *
   * @param status the HTTP status, from 400 to 599
   * @param detail what was wrong, with the value, and what to do
   */
  void refuse(int status, String detail);
}
