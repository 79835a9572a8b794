package io.ssegateway.transport.netty;

import io.netty.handler.codec.http.HttpHeaders;
import io.ssegateway.engine.frame.TraceContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the W3C trace context in a request's headers. Stateless. */
final class TraceHeaders {
  private TraceHeaders() {}

  /** The trace that a request is part of; null if there is none, or an invalid one. */
  static @Nullable TraceContext of(HttpHeaders headers) {
    String parent = headers.get("traceparent");
    if (parent == null || headers.getAll("traceparent").size() > 1) {
      return null;
    }
    List<String> states = headers.getAll("tracestate");
    return TraceContext.parse(parent, states.isEmpty() ? null : String.join(",", states));
  }
}
