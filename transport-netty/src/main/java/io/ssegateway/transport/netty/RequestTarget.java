package io.ssegateway.transport.netty;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;

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
}
