package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ssegateway.transport.netty.testing.HttpAnswer;
import io.ssegateway.transport.netty.testing.RawClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Paths that a program adds to the gateway. */
class HandlerEndpointIT extends GatewayCase {

  private void start(String path, String methods, HttpHandler handler) throws IOException {
    gateway =
        Gateway.builder()
            .options(GatewayOptions.DEFAULTS.toBuilder().port(0).transport(kind).build())
            .endpoint(path, methods, handler)
            .build();
    gateway.start();
    port = gateway.port();
  }

  private HttpAnswer ask(String method, String target, String body) throws IOException {
    return ask(method, target, "", body);
  }

  private HttpAnswer ask(String method, String target, String headers, String body)
      throws IOException {
    return RawClient.exchange(
        port,
        method
            + ' '
            + target
            + " HTTP/1.1\r\nHost: localhost\r\nX-Word: hi\r\n"
            + headers
            + "Content-Length: "
            + body.length()
            + "\r\n\r\n"
            + body);
  }

  @Test
  void aHandlerAnswersEverythingOneStepBelowItsPathAndItsMethodsOnly() throws Exception {
    start(
        "/echo/",
        "POST",
        call -> {
          String text =
              call.method()
                  + call.path()
                  + call.query("q")
                  + call.header("x-word")
                  + new String(call.body(), StandardCharsets.UTF_8)
                  + call.isFromLoopback();
          CompletableFuture.runAsync( // from another thread, and once too often
              () -> {
                call.respond(201, "text/plain", text.getBytes(StandardCharsets.UTF_8));
                call.refuse(500, "too late");
              });
        });

    HttpAnswer answer = ask("POST", "/echo/a%20b?q=1", "body");

    assertThat(answer.status()).isEqualTo(201);
    assertThat(answer.body()).isEqualTo("POST/echo/a b1hibodytrue");
    assertThat(ask("GET", "/echo/a", "").status()).isEqualTo(405);
    assertThat(ask("POST", "/echo/a/b", "").status()).isEqualTo(404);
    assertThat(ask("POST", "/echo", "").status()).isEqualTo(404);
    assertThat(ask("GET", "/health", "").status()).isEqualTo(200);
  }

  @Test
  void aHandlerThatThrowsOrRefusesIsAnsweredAsAProblem() throws Exception {
    start(
        "/door",
        "GET, POST",
        call -> {
          if (call.method().equals("GET")) {
            throw new IllegalStateException("staged");
          }
          call.refuse(401, "password: missing");
        });

    HttpAnswer refused = ask("POST", "/door", "");

    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.field("detail")).isEqualTo("password: missing");
    assertThat(ask("GET", "/door", "").status()).isEqualTo(500);
  }

  @Test
  void whatIsRefusedForNowSaysWhenToTryAgain() throws Exception {
    start(
        "/refusal/",
        "GET",
        call -> call.refuse(Integer.parseInt(call.path().substring(9)), "staged"));

    for (int status : new int[] {429, 503, 507}) {
      assertThat(ask("GET", "/refusal/" + status, "").header("Retry-After")).isEqualTo("1");
    }
    assertThat(ask("GET", "/refusal/500", "").header("Retry-After")).isNull();
    assertThat(ask("GET", "/refusal/413", "").header("Retry-After")).isNull();
  }

  @Test
  void aPathWithARoleIsForThisMachineWhileNoCredentialsAreConfigured() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    gateway =
        Gateway.builder()
            .options(GatewayOptions.DEFAULTS.toBuilder().port(0).transport(kind).build())
            .endpoint(
                "/metrics",
                "GET",
                Role.STATS,
                call -> {
                  calls.incrementAndGet();
                  call.respond(
                      200,
                      "text/html",
                      PageHeaders.strict(),
                      "hi".getBytes(StandardCharsets.UTF_8));
                })
            .endpoint(
                "/door/",
                "POST",
                call ->
                    call.require(
                        Role.ADMIN,
                        () ->
                            call.respond(
                                200,
                                "text/plain",
                                (call.path() + call.grant().has(Role.ADMIN))
                                    .getBytes(StandardCharsets.UTF_8))))
            .build();
    gateway.start();
    port = gateway.port();

    HttpAnswer page = ask("GET", "/metrics", "");
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.header("Content-Security-Policy")).contains("frame-ancestors 'none'");
    assertThat(page.header("X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(page.header("Referrer-Policy")).isEqualTo("no-referrer");
    assertThat(ask("POST", "/door/a", "").body()).isEqualTo("/door/atrue");

    String proxied = "X-Forwarded-For: 203.0.113.7\r\n";
    HttpAnswer refused = ask("GET", "/metrics", proxied, "");
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.field("detail")).contains("no credentials are configured");
    assertThat(ask("POST", "/door/a", proxied, "").status()).isEqualTo(403);
    assertThat(ask("GET", "/metrics", "Origin: https://evil.example\r\n", "").status())
        .isEqualTo(403);
    assertThat(calls).hasValue(1);
  }

  @Test
  void aHandlerForThisMachineIsClosedToNamesThatLeadHereAndToForeignPages() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    start(
        "/here",
        "GET, POST",
        call ->
            call.requireLoopback(
                "only from here",
                () -> {
                  calls.incrementAndGet();
                  call.respond(204, "", new byte[0]);
                }));

    for (String host : List.of("localhost", "LocalHost:8080", "127.0.0.1:1", "[::1]:8080")) {
      assertThat(askHost("GET", host, "").status()).as(host).isEqualTo(204);
    }
    assertThat(calls).hasValue(4);

    HttpAnswer proxied = askHost("GET", "localhost", "X-Forwarded-For: 203.0.113.7\r\n");
    assertThat(proxied.status()).isEqualTo(403);
    assertThat(proxied.field("detail")).isEqualTo("only from here");
    for (String host : List.of("evil.example", "127.0.0.1.evil.example:8080", "localhost.evil")) {
      HttpAnswer rebound = askHost("GET", host, "");
      assertThat(rebound.status()).as(host).isEqualTo(403);
      assertThat(rebound.field("detail")).startsWith("Host: " + host + " (expected: localhost");
    }
    for (String origin : List.of("https://evil.example", "null", "http://localhost:1")) {
      assertThat(askHost("POST", "localhost", "Origin: " + origin + "\r\n").status())
          .as(origin)
          .isEqualTo(403);
    }
    assertThat(calls).hasValue(4);
    assertThat(askHost("POST", "localhost:8080", "Origin: http://localhost:8080\r\n").status())
        .as("a page of this server")
        .isEqualTo(204);
  }

  private HttpAnswer askHost(String method, String host, String headers) throws IOException {
    return RawClient.exchange(
        port,
        method
            + " /here HTTP/1.1\r\nHost: "
            + host
            + "\r\n"
            + headers
            + "Content-Length: 0\r\n\r\n");
  }

  @Test
  void aPathThatIsTakenIsNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Gateway.builder().endpoint("/api/send", "GET", call -> {}))
        .withMessageContaining("\"/api/send\"");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Gateway.builder().endpoint("door", "GET", call -> {}))
        .withMessageContaining("\"door\"");
  }
}
