package io.ssegateway.transport.netty;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes the target of a request apart by the WHATWG URL standard, to which {@code ;} is an ordinary
 * character. Stateless.
 */
final class RequestTarget {
  private static final int OTHER_PARAMETERS = 1024;

  private RequestTarget() {}

  static QueryStringDecoder of(String uri, GatewayOptions options) {
    int maxParameters = OTHER_PARAMETERS + options.maxChannelsPerConnection();
    return new QueryStringDecoder(uri, StandardCharsets.UTF_8, true, maxParameters, true);
  }

  /** The first value of a query parameter, or null. */
  static @Nullable String first(Map<String, List<String>> query, String name) {
    List<String> values = query.getOrDefault(name, List.of());
    return values.isEmpty() ? null : values.get(0);
  }
}
