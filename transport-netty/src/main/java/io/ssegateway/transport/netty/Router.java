package io.ssegateway.transport.netty;

import io.netty.handler.codec.http.HttpMethod;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the endpoint of a path. Immutable once it serves. */
final class Router {
  private static final Logger LOG = LoggerFactory.getLogger(Router.class);

  /** What a balancer asks has to be answered, above all under load. */
  private static final Set<String> UNLIMITED = Set.of("/health", "/ready");

  private final Map<String, Endpoint> endpoints = new TreeMap<>();

  /** Adds an endpoint for a path, or if that ends with a slash, for everything below it. */
  Router add(String path, Endpoint endpoint) {
    if (endpoints.put(path, endpoint) != null) {
      throw new IllegalArgumentException("path: " + path + " has an endpoint already");
    }
    return this;
  }

  /** The methods of each path. */
  Map<String, String> methods() {
    Map<String, String> methods = new TreeMap<>();
    endpoints.forEach((path, endpoint) -> methods.put(path, endpoint.methods()));
    return Collections.unmodifiableMap(methods);
  }

  /** A slash that came encoded belongs to the last step of a path. */
  private @Nullable Endpoint find(HttpExchange exchange) {
    Endpoint exact = endpoints.get(exchange.path());
    String raw = exchange.uri().rawPath();
    int slash = raw.lastIndexOf('/');
    return exact != null || slash < 0 ? exact : endpoints.get(raw.substring(0, slash + 1));
  }

  void handle(HttpExchange exchange) {
    guard(exchange, () -> dispatch(exchange));
  }

  /** Does something for a request; what it throws is the answer. */
  static void guard(HttpExchange exchange, Runnable action) {
    try {
      action.run();
    } catch (HttpProblem problem) {
      exchange.respond(problem);
    } catch (RuntimeException e) {
      LOG.error("{} {} failed", exchange.method(), exchange.path(), e);
      if (!exchange.isAnswered()) {
        exchange.respond(HttpProblem.of(500, "the request failed; the log tells more").closing());
      }
    }
  }

  private void dispatch(HttpExchange exchange) {
    exchange.requireReadableTarget();
    if (exchange.admission().limitsRate() && !UNLIMITED.contains(exchange.path())) {
      exchange.admission().requireRate(exchange.client());
    }
    Endpoint endpoint = find(exchange);
    if (endpoint == null) {
      throw HttpProblem.of(
          404, "path: " + exchange.path() + " (expected one of: " + endpoints.keySet() + ")");
    }
    HttpMethod method = exchange.method();
    String methods = endpoint.methods();
    if (method.equals(HttpMethod.OPTIONS)) {
      exchange.respond(Responses.options(exchange, methods + ", OPTIONS"));
    } else if (Arrays.asList(methods.split(", ", -1)).contains(method.name())) {
      endpoint.handle(exchange);
    } else {
      throw HttpProblem.methodNotAllowed(method.name(), methods + ", OPTIONS");
    }
  }
}
