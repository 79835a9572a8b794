package io.ssegateway.dashboard;

import io.ssegateway.transport.netty.Gateway;
import io.ssegateway.transport.netty.HttpCall;
import io.ssegateway.transport.netty.PageHeaders;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A web page that shows how a gateway does. It costs nothing while nobody looks: its files are in
 * memory, and figures are gathered only while somebody listens to them.
 *
 * <pre>{@code
 * Gateway gateway = Dashboard.addTo(Gateway.builder()).build();
 * }</pre>
 *
 * Anybody may load the page; what it shows needs the roles that {@code /api} asks for. Immutable
 * and thread-safe.
 */
public final class Dashboard {
  /** Where the page is. */
  public static final String PATH = "/dashboard";

  private static final String METHODS = "GET, HEAD";

  /** The browser asks each time whether the page is another one. */
  private static final String ASK_AGAIN = "no-cache";

  /** The address changes with the content. */
  private static final String KEEP = "public, max-age=31536000, immutable";

  private static final byte[] NOTHING = {};

  private final PageFiles files;

  private Dashboard(PageFiles files) {
    this.files = files;
  }

  /**
   * Adds the page and its files to a gateway.
   *
   * @return the builder
   * @throws IllegalArgumentException if the gateway has something at {@link #PATH} already
   */
  public static Gateway.Builder addTo(Gateway.Builder gateway) {
    Dashboard dashboard = new Dashboard(PageFiles.load());
    return gateway
        .endpoint(PATH, METHODS, dashboard::page)
        .endpoint(PATH + "/", METHODS, dashboard::redirect)
        .endpoint(PATH + "/" + dashboard.files.hash() + "/", METHODS, dashboard::file);
  }

  private void page(HttpCall call) {
    answer(call, files.page(), ASK_AGAIN);
  }

  /** Relative addresses of the page are right without the slash only. */
  private void redirect(HttpCall call) {
    if (call.path().equals(PATH + "/")) {
      call.respond(
          308,
          "text/plain",
          Map.of("Location", "../dashboard", "Cache-Control", "no-cache"),
          NOTHING);
    } else {
      call.refuse(404, "path: " + call.path() + " (expected: " + PATH + ")");
    }
  }

  private void file(HttpCall call) {
    String name = call.path().substring(call.path().lastIndexOf('/') + 1);
    PageFiles.File file = files.find(name);
    if (file == null) {
      call.refuse(404, "file: " + name + " is no part of the dashboard");
      return;
    }
    answer(call, file, KEEP);
  }

  private static void answer(HttpCall call, PageFiles.File file, String caching) {
    Map<String, String> headers = new LinkedHashMap<>(PageHeaders.strict());
    headers.put("ETag", file.etag());
    headers.put("Cache-Control", caching);
    boolean known = isKnown(call.header("If-None-Match"), file.etag());
    call.respond(known ? 304 : 200, file.contentType(), headers, known ? NOTHING : file.content());
  }

  private static boolean isKnown(@Nullable String tags, String etag) {
    return tags != null
        && Arrays.stream(tags.split(",", -1))
            .map(tag -> tag.strip().replaceFirst("^W/", ""))
            .anyMatch(tag -> tag.equals(etag) || tag.equals("*"));
  }
}
