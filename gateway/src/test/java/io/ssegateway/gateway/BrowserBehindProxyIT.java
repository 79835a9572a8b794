package io.ssegateway.gateway;

import static io.ssegateway.gateway.EventSourcePage.until;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The native EventSource of a browser in front of a proxy of {@code deploy/proxy} in front of the
 * executable jar, with each of the two away in turn.
 */
class BrowserBehindProxyIT {
  @RegisterExtension static final Chromium CHROMIUM = new Chromium();

  @TempDir Path directory;

  private GatewayProcess gateway;
  private BrowserContext context;
  private final List<String> published = new ArrayList<>();

  /** A proxy in front of a gateway. */
  private interface Front {
    ReverseProxy start(Path directory, int gatewayPort) throws IOException;
  }

  @BeforeEach
  void start() throws IOException {
    gateway = gateway(0);
    context = CHROMIUM.browser().newContext();
  }

  @AfterEach
  void stop() {
    context.close();
    gateway.close();
  }

  /** Says nothing for a minute after an event: what a proxy holds back does not come in time. */
  private GatewayProcess gateway(int port) throws IOException {
    return GatewayProcess.start(
        "--port=" + port,
        "--data-dir=" + directory.resolve("journal"),
        "--trusted-proxies=127.0.0.1",
        "--heartbeat=60s",
        "--retry=300ms",
        "--drain=0s");
  }

  private void publish(String data) throws Exception {
    HttpResponse<String> answer =
        Requests.post(gateway.url("/api/send"), "{\"channel_id\":\"a\",\"data\":\"" + data + "\"}");
    assertThat(answer.body()).contains("\"success\":true");
    published.add(data);
  }

  @Test
  void aStreamThroughNginxOutlivesTheProxyAndTheGateway() throws Exception {
    outlivesBoth(ReverseProxy::nginx);
  }

  @Test
  void aStreamThroughHaproxyOutlivesTheProxyAndTheGateway() throws Exception {
    outlivesBoth(ReverseProxy::haproxy);
  }

  @Test
  void aStreamThroughCaddyOutlivesTheProxyAndTheGateway() throws Exception {
    outlivesBoth(ReverseProxy::caddy);
  }

  private void outlivesBoth(Front front) throws Exception {
    int port = gateway.port();
    try (ReverseProxy proxy = front.start(directory, port)) {
      Page page = context.newPage();
      String address = proxy.url("/page");
      page.route(
          address,
          route ->
              route.fulfill(
                  new Route.FulfillOptions()
                      .setContentType("text/html")
                      .setBody(EventSourcePage.HTML)));
      page.navigate(address);
      EventSourcePage streams = new EventSourcePage(page);
      int stream = streams.listen("/sse/connect?channel_id=a");
      until(() -> streams.count(stream, "open") == 1);
      for (String data : List.of("one", "two")) {
        publish(data);
        until(() -> streams.data(stream, "message").equals(published));
      }

      proxy.stop();
      publish("while the proxy was away");
      until(() -> streams.count(stream, "error") > 0);
      proxy.start();
      until(() -> streams.data(stream, "message").equals(published));

      int errors = streams.count(stream, "error");
      gateway.terminate();
      assertThat(gateway.exitCode()).isZero();
      until(() -> streams.count(stream, "error") > errors + 1); // it has asked again, in vain
      gateway = gateway(port);
      gateway.port();
      publish("after the gateway was away");
      until(() -> streams.data(stream, "message").equals(published));
      assertThat(streams.count(stream, "gap")).isZero();
    }
  }
}
