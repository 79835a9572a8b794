package io.ssegateway.transport.netty;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which origins may read, and which are trusted beyond that. Immutable. */
final class Cors {
  private final boolean any;
  private final Set<String> origins;

  Cors(Iterable<String> origins) {
    java.util.HashSet<String> set = new java.util.HashSet<>();
    origins.forEach(o -> set.add(o.toLowerCase(Locale.ROOT)));
    this.any = set.remove("*");
    this.origins = Set.copyOf(set);
  }

  /** The headers that allow the request's origin to read the response; empty if it may not. */
  String responseHeaders(HttpHeaders request) {
    String origin = request.get(HttpHeaderNames.ORIGIN);
    if (origin != null && origins.contains(origin.toLowerCase(Locale.ROOT))) {
      return "Access-Control-Allow-Origin: "
          + origin
          + "\r\nAccess-Control-Allow-Credentials: true\r\nVary: Origin\r\n";
    }
    if (any) {
      return "Access-Control-Allow-Origin: *\r\n";
    }
    return origins.isEmpty() ? "" : "Vary: Origin\r\n";
  }

  /** The headers of an answer to a preflight request. */
  String preflightHeaders(HttpHeaders request, String methods) {
    String allowed = responseHeaders(request);
    if (!allowed.startsWith("Access-Control")) {
      return allowed;
    }
    return allowed
        + "Access-Control-Allow-Methods: "
        + methods
        + "\r\nAccess-Control-Allow-Headers: Authorization, Cache-Control, Content-Type,"
        + " Last-Event-ID\r\nAccess-Control-Max-Age: 600\r\n";
  }

  /**
   * Whether the request comes from no page, from one of this server, or from one of an origin that
   * is listed by its name: whether what a browser adds by itself may count as the user's will.
   */
  boolean isTrusted(HttpHeaders request) {
    String origin = request.get(HttpHeaderNames.ORIGIN);
    return origin == null
        || origins.contains(origin.toLowerCase(Locale.ROOT))
        || isSameOrigin(origin, request.get(HttpHeaderNames.HOST));
  }

  private static boolean isSameOrigin(String origin, @Nullable String host) {
    int scheme = origin.indexOf("://");
    return host != null && scheme > 0 && origin.substring(scheme + 3).equalsIgnoreCase(host);
  }
}
