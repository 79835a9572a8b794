package io.ssegateway.transport.netty;

import org.jspecify.annotations.Nullable;

/**
 * How callers are recognised. Immutable. Without effect while the gateway has no {@link
 * Authenticator}, except for {@link #anonymous}.
 *
 * @param anonymous the channels that everyone may listen to without a credential; null for all
 *     while the gateway has no authenticator, and none when it has
 * @param cookie name of the cookie that may hold a token; empty for none
 * @param queryToken whether a token may stand in the query as {@code access_token}, where proxies
 *     and browsers' histories keep it
 * @param timeoutMs time in ms after which a credential that is not checked yet is refused by 503
 * @param ticketTtlMs time in ms in which a ticket has to be used
 * @param maxTickets most tickets that wait to be used
 */
public record AuthOptions(
    @Nullable ChannelPatterns anonymous,
    String cookie,
    boolean queryToken,
    int timeoutMs,
    int ticketTtlMs,
    int maxTickets) {

  /** The defaults. */
  public static final AuthOptions DEFAULTS =
      new AuthOptions(null, "", false, 5_000, 30_000, 10_000);

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if one is out of its bounds; the text names it and its value
   */
  public AuthOptions {
    if (!cookie.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]*")) {
      throw new IllegalArgumentException(
          "cookie: \"" + cookie + "\" (expected: a cookie's name, or nothing)");
    }
    require("timeoutMs", timeoutMs);
    require("ticketTtlMs", ticketTtlMs);
    require("maxTickets", maxTickets);
  }

  private static void require(String name, int value) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
    }
  }

  /** The same with other channels for everyone. */
  public AuthOptions withAnonymous(@Nullable ChannelPatterns channels) {
    return new AuthOptions(channels, cookie, queryToken, timeoutMs, ticketTtlMs, maxTickets);
  }

  /** The same with another cookie; empty for none. */
  public AuthOptions withCookie(String name) {
    return new AuthOptions(anonymous, name, queryToken, timeoutMs, ticketTtlMs, maxTickets);
  }

  /** The same with tokens in the query, or without. */
  public AuthOptions withQueryToken(boolean allowed) {
    return new AuthOptions(anonymous, cookie, allowed, timeoutMs, ticketTtlMs, maxTickets);
  }

  /** The same with another time to check a credential. */
  public AuthOptions withTimeoutMs(int ms) {
    return new AuthOptions(anonymous, cookie, queryToken, ms, ticketTtlMs, maxTickets);
  }

  /** The same with other tickets. */
  public AuthOptions withTickets(int ttlMs, int most) {
    return new AuthOptions(anonymous, cookie, queryToken, timeoutMs, ttlMs, most);
  }
}
