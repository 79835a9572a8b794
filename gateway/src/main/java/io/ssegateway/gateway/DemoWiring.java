package io.ssegateway.gateway;

import io.ssegateway.gateway.config.Configuration;
import io.ssegateway.gateway.config.Settings;
import io.ssegateway.transport.netty.Gateway;
import io.ssegateway.transport.netty.HttpHandler;
import io.ssegateway.transport.netty.PageHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Adds the source and the page of {@code --demo}. Stateless. */
final class DemoWiring {
  static final String PAGE = "/demo";
  private static final String FILES = "/demo/";
  private static final String METHODS = "GET, HEAD";

  private DemoWiring() {}

  static void add(Configuration configuration, Gateway.Builder gateway) {
    if (!configuration.get(Settings.DEMO)) {
      return;
    }
    gateway
        .source(new DemoSource(InstantSource.system(), RandomGenerator.getDefault()))
        .endpoint(PAGE, METHODS, page(file("demo.html"), "text/html; charset=utf-8"))
        .endpoint(FILES, METHODS, files());
  }

  private static HttpHandler files() {
    Map<String, HttpHandler> byPath = new HashMap<>();
    byPath.put(FILES + "demo.js", page(file("demo.js"), "text/javascript; charset=utf-8"));
    byPath.put(FILES + "demo.css", page(file("demo.css"), "text/css; charset=utf-8"));
    return call -> {
      HttpHandler handler = byPath.get(call.path());
      if (handler == null) {
        call.refuse(404, "no such file of the demo: " + call.path());
      } else {
        handler.handle(call);
      }
    };
  }

  private static HttpHandler page(byte[] content, String contentType) {
    return call -> call.respond(200, contentType, PageHeaders.strict(), content);
  }

  private static byte[] file(String name) {
    try (InputStream in = DemoWiring.class.getResourceAsStream("demo/" + name)) {
      if (in == null) {
        throw new IllegalStateException("demo/" + name + " is not in the jar");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
