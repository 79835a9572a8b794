package io.ssegateway.transport.netty;

import java.util.Map;

/**
 * Headers that keep a page of the gateway from being framed, from running foreign scripts, and from
 * telling others where it was. For {@link HttpCall#respond(int, String, Map, byte[])}. Stateless.
 */
public final class PageHeaders {
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
          + " font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none';"
          + " frame-ancestors 'none'";

  private static final Map<String, String> STRICT =
      Map.of(
          "Content-Security-Policy", POLICY,
          "Referrer-Policy", "no-referrer",
          "X-Frame-Options", "DENY",
          "Cross-Origin-Opener-Policy", "same-origin",
          "Cross-Origin-Resource-Policy", "same-origin",
          "Permissions-Policy", "camera=(), geolocation=(), microphone=()");

  private PageHeaders() {}

  /**
   * The headers of a page whose scripts, styles and data are files of the gateway itself: nothing
   * inline, nothing from elsewhere. {@code X-Content-Type-Options} is sent with every answer.
   */
  public static Map<String, String> strict() {
    return STRICT;
  }
}
