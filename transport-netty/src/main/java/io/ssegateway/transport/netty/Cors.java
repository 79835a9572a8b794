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

  /** Adds the fields that allow the request's origin to read the response, if it may. */
  void allow(HttpHeaders request, ResponseHead response) {
    mayRead(request, response);
  }

  private boolean mayRead(HttpHeaders request, ResponseHead response) {
    String origin = request.get(HttpHeaderNames.ORIGIN);
    if (origin != null && origins.contains(origin.toLowerCase(Locale.ROOT))) {
      response
          .add("Access-Control-Allow-Origin", origin)
          .add("Access-Control-Allow-Credentials", "true")
          .add("Vary", "Origin");
      return true;
    }
    if (any) {
      response.add("Access-Control-Allow-Origin", "*");
    }
    if (!origins.isEmpty()) {
      response.add("Vary", "Origin");
    }
    return any;
  }

  /** Whether pages of every origin may read. */
  boolean isAny() {
    return any;
  }

  /** Adds the fields of an answer to a preflight request. */
  void allowPreflight(HttpHeaders request, String methods, ResponseHead response) {
    if (mayRead(request, response)) {
      response
          .add("Access-Control-Allow-Methods", methods)
          .add(
              "Access-Control-Allow-Headers",
              "Authorization, Cache-Control, Content-Type, Last-Event-ID")
          .add("Access-Control-Max-Age", "600");
    }
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
