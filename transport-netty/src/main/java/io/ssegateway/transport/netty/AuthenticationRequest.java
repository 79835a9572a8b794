package io.ssegateway.transport.netty;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.cookie.Cookie;
import io.netty.handler.codec.http.cookie.ServerCookieDecoder;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request as an {@link Authenticator} sees it. Immutable and thread-safe; may be kept. */
public final class AuthenticationRequest {
  /** Where the {@link #token} stood. */
  public enum TokenPlace {
    /** In {@code Authorization: Bearer}. */
    HEADER,
    /** In the cookie of {@link AuthOptions#cookie}. */
    COOKIE,
    /** In {@code access_token} of the query. */
    QUERY
  }

  static final String QUERY_TOKEN = "access_token";
  static final String TICKET = "ticket";

  private final String method;
  private final String path;
  private final HttpHeaders headers;
  private final Map<String, List<String>> query;
  private final List<String> channels;
  private final @Nullable InetAddress client;
  private final @Nullable String token;
  private final @Nullable TokenPlace place;

  /**
   * Reads a request.
   *
   * @param channels that a stream is asked for; empty for other requests
   * @throws HttpProblem if there is a credential that cannot be understood
   */
  AuthenticationRequest(
      String method,
      String path,
      HttpHeaders headers,
      Map<String, List<String>> query,
      List<String> channels,
      @Nullable InetAddress client,
      AuthOptions options) {
    this.method = method;
    this.path = path;
    this.headers = headers;
    this.query = query;
    this.channels = List.copyOf(channels);
    this.client = client;
    String bearer = bearer(headers);
    String fromQuery = query(QUERY_TOKEN);
    if (fromQuery != null && !options.queryToken()) {
      throw HttpProblem.unauthorized(
          QUERY_TOKEN
              + " in the query is not accepted here (expected: Authorization: Bearer, or a ticket"
              + " of POST /api/ticket)");
    }
    String fromCookie = options.cookie().isEmpty() ? null : cookie(options.cookie());
    if (bearer != null) {
      token = bearer;
      place = TokenPlace.HEADER;
    } else if (fromQuery != null) {
      token = fromQuery;
      place = TokenPlace.QUERY;
    } else {
      token = fromCookie;
      place = fromCookie == null ? null : TokenPlace.COOKIE;
    }
  }

  private static @Nullable String bearer(HttpHeaders headers) {
    List<String> values = headers.getAll("Authorization");
    if (values.isEmpty()) {
      return null;
    }
    String value = values.get(0);
    if (values.size() > 1 || !value.regionMatches(true, 0, "Bearer ", 0, 7)) {
      throw HttpProblem.unauthorized(
          "Authorization: not understood (expected: once, Bearer TOKEN)");
    }
    return value.substring(7).strip();
  }

  /** The method, such as {@code GET}. */
  public String method() {
    return method;
  }

  /** The path, decoded, without the query. */
  public String path() {
    return path;
  }

  /** The first value of a header, whatever the case of the name, or null. */
  public @Nullable String header(String name) {
    return headers.get(name);
  }

  /** The value of a cookie, or null. */
  public @Nullable String cookie(String name) {
    for (String header : headers.getAll("Cookie")) {
      for (Cookie cookie : ServerCookieDecoder.LAX.decodeAll(header)) {
        if (cookie.name().equals(name)) {
          return cookie.value();
        }
      }
    }
    return null;
  }

  /** The first value of a query parameter, decoded, or null. */
  public @Nullable String query(String name) {
    return RequestTarget.first(query, name);
  }

  /** The channels that a stream is asked for; empty if it is another request. */
  public List<String> channels() {
    return channels;
  }

  /** The address of who asks, which a trusted proxy may have told; null if it is unknown. */
  public @Nullable InetAddress client() {
    return client;
  }

  /**
   * The token of {@code Authorization: Bearer}; if there is none, that of the query if it is
   * allowed there, or that of the cookie; else null.
   */
  public @Nullable String token() {
    return token;
  }

  /** Where the token stood; null if there is none. */
  public @Nullable TokenPlace tokenPlace() {
    return place;
  }

  HttpHeaders headers() {
    return headers;
  }

  /** Says nothing about credentials: it may be logged. */
  @Override
  public String toString() {
    return "AuthenticationRequest[" + method + ' ' + path + ']';
  }
}
