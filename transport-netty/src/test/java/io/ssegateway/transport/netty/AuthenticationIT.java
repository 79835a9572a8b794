package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.ssegateway.engine.Counter;
import io.ssegateway.transport.netty.testing.HttpAnswer;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.SseBlock;
import io.ssegateway.transport.netty.testing.StreamClient;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each way in, and each way to be refused. */
class AuthenticationIT extends GatewayCase {
  private static final String COOKIE = "token";

  private final Doorman doorman = new Doorman();

  private void begin() throws IOException {
    begin(a -> a);
  }

  private void begin(UnaryOperator<AuthOptions> options, String... origins) throws IOException {
    gateway =
        Gateway.builder()
            .options(
                GatewayOptions.DEFAULTS.toBuilder()
                    .port(0)
                    .transport(kind)
                    .eventLoops(2)
                    .headerTimeoutMs(2000)
                    .corsOrigins(List.of(origins))
                    .build())
            .authenticator(doorman)
            .authOptions(
                options.apply(
                    AuthOptions.DEFAULTS
                        .withCookie(COOKIE)
                        .withAnonymous(ChannelPatterns.of("public.*"))))
            .endpoint(
                "/admin", "GET, DELETE", Role.ADMIN, call -> call.respond(204, "", new byte[0]))
            .build();
    gateway.start();
    port = gateway.port();
  }

  private static String bearer(String token) {
    return "Authorization: Bearer " + token;
  }

  private HttpAnswer stream(String query, String... headers) throws IOException {
    try (RawClient client = RawClient.connect(port)) {
      return client.send(StreamClient.request(query, headers)).answer();
    }
  }

  private HttpAnswer ask(String method, String path, String body, String... headers)
      throws IOException {
    String lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    return RawClient.exchange(
        port,
        method
            + ' '
            + path
            + " HTTP/1.1\r\nHost: localhost\r\n"
            + lines
            + "Content-Length: "
            + body.length()
            + "\r\n\r\n"
            + body);
  }

  private HttpAnswer send(String channel, String... headers) throws IOException {
    return ask("POST", "/api/send", "{\"channel_id\":\"" + channel + "\",\"data\":\"x\"}", headers);
  }

  private static void assertRefused(HttpAnswer answer, int status, String detail) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.field("detail").replace("\\\"", "\"")).contains(detail);
    assertThat(answer.header("Location")).isNull();
    assertThat(answer.head() + answer.body()).doesNotContain(Doorman.MARKER);
    if (status == 401) {
      assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer");
    }
  }

  // ---- streams ----

  @Test
  void aBearerTokenOpensTheChannelsThatItGrantsAndNoOther() throws Exception {
    begin();

    try (StreamClient stream =
        StreamClient.listen(port, "channel_id=news&channel_id=user.42", bearer(Doorman.READER))) {
      gateway.publisher().publish(io.ssegateway.engine.Message.of("user.42", "hello"));
      assertThat(stream.nextEvent().data()).isEqualTo("hello");
    }
    assertRefused(
        stream("channel_id=news&channel_id=other", bearer(Doorman.READER)), 403, "\"other\"");
    assertRefused(stream("channel_id=news", bearer(Doorman.WRITER)), 403, "\"news\"");
    assertThat(count(Counter.CONNECTS)).isEqualTo(1);
  }

  @Test
  void withoutACredentialOnlyWhatIsForEveryoneIsOpen() throws Exception {
    begin();

    try (StreamClient stream = StreamClient.listen(port, "channel_id=public.weather")) {
      assertThat(stream.head().status()).isEqualTo(200);
    }
    try (StreamClient both =
        StreamClient.listen(
            port, "channel_id=public.weather&channel_id=news", bearer(Doorman.READER))) {
      assertThat(both.head().status()).isEqualTo(200);
    }
    HttpAnswer refused = stream("channel_id=public.weather&channel_id=news");
    assertRefused(refused, 401, "\"news\" needs a credential");
    assertThat(refused.header("WWW-Authenticate")).isEqualTo("Bearer");
  }

  @ParameterizedTest
  @CsvSource({
    "Authorization: Bearer wrong-s3cr3t, token: unknown",
    "Authorization: Bearer over-s3cr3t, expired",
    "Authorization: Bearer, not understood",
    "Authorization: Basic czNjcjN0OnMzY3IzdA==, not understood",
    "Cookie: token=wrong-s3cr3t, token: unknown",
  })
  void aBadCredentialIsNeverAQuietAnonymousStream(String header, String detail) throws Exception {
    begin();

    HttpAnswer refused = stream("channel_id=public.weather", header);

    assertRefused(refused, 401, detail);
    assertThat(refused.header("WWW-Authenticate")).contains("invalid_token");
    assertThat(count(Counter.CONNECTS)).isZero();
  }

  @Test
  void twoAuthorizationHeadersAreRefused() throws Exception {
    begin();

    assertRefused(
        stream("channel_id=news", bearer(Doorman.READER), bearer(Doorman.WRITER)),
        401,
        "expected: once");
  }

  @Test
  void aCookieOpensStreamsOfThisServersPagesAndOfListedOnes() throws Exception {
    begin(a -> a, "*", "https://app.example.com");
    String cookie = "Cookie: a=b; " + COOKIE + "=" + Doorman.READER + "; c=d";

    for (String origin :
        List.of("X-None: 1", "Origin: http://localhost", "Origin: https://app.example.com")) {
      try (StreamClient stream = StreamClient.listen(port, "channel_id=news", cookie, origin)) {
        assertThat(stream.head().status()).isEqualTo(200);
        if (origin.contains("app")) {
          assertThat(stream.head().header("Access-Control-Allow-Credentials")).isEqualTo("true");
          assertThat(stream.head().header("Access-Control-Allow-Origin"))
              .isEqualTo("https://app.example.com");
        }
      }
    }
    HttpAnswer refused = stream("channel_id=news", cookie, "Origin: https://evil.example");
    assertRefused(refused, 403, "https://evil.example");
    assertThat(refused.header("Access-Control-Allow-Origin")).isEqualTo("*");
    assertThat(refused.header("Access-Control-Allow-Credentials")).isNull();
  }

  @Test
  void aTokenInTheQueryIsRefusedUnlessItWasChosen() throws Exception {
    begin();
    assertRefused(
        stream("channel_id=public.weather&access_token=" + Doorman.READER),
        401,
        "access_token in the query is not accepted");
    gateway.close();

    begin(a -> a.withQueryToken(true));
    try (StreamClient stream =
        StreamClient.listen(port, "channel_id=news&access_token=" + Doorman.READER)) {
      assertThat(stream.head().status()).isEqualTo(200);
    }
    assertRefused(stream("channel_id=news&access_token=wrong"), 401, "token: unknown");
  }

  // ---- tickets ----

  private String ticket(String token) throws IOException {
    HttpAnswer answer = ask("POST", "/api/ticket", "", bearer(token));
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
    return answer.field("ticket");
  }

  @Test
  void aTicketOpensOneStreamWithTheChannelsOfWhoGotIt() throws Exception {
    begin();
    String ticket = ticket(Doorman.READER);
    assertThat(ticket).hasSize(43).matches("[0-9A-Za-z_-]+"); // 256 bits

    try (StreamClient stream = StreamClient.listen(port, "channel_id=news&ticket=" + ticket)) {
      assertThat(stream.head().status()).isEqualTo(200);
    }
    assertRefused(stream("channel_id=news&ticket=" + ticket), 401, "ticket: unknown, used or over");
    assertRefused(stream("channel_id=public.a&ticket=" + ticket), 401, "ticket: unknown");
    assertRefused(stream("channel_id=other&ticket=" + ticket(Doorman.READER)), 403, "\"other\"");
    assertThat(ticket(Doorman.READER)).isNotEqualTo(ticket(Doorman.READER));
  }

  @Test
  void aTicketIsOverAfterAShortTime() throws Exception {
    begin(a -> a.withTickets(1, 10));
    String ticket = ticket(Doorman.READER);
    long issued = System.currentTimeMillis();
    await("the next millisecond", () -> System.currentTimeMillis() > issued + 1);

    assertRefused(stream("channel_id=news&ticket=" + ticket), 401, "ticket: unknown, used or over");
  }

  @Test
  void ticketsAreForThoseWhoMayListenAndOpenNothingElse() throws Exception {
    begin();

    assertRefused(ask("POST", "/api/ticket", ""), 401, "needs a credential");
    assertRefused(ask("POST", "/api/ticket", "", bearer("wrong")), 401, "token: unknown");
    assertRefused(ask("POST", "/api/ticket", "", bearer(Doorman.WRITER)), 403, "no channel");
    assertRefused(
        ask("POST", "/api/send?ticket=" + ticket(Doorman.READER), "{\"data\":\"x\"}"),
        401,
        "publishing needs a credential");
    assertThat(ask("GET", "/api/ticket", "", bearer(Doorman.READER)).status()).isEqualTo(405);
  }

  @Test
  void aCookieGetsATicketOnlyForPagesThatMayActForTheUser() throws Exception {
    begin(a -> a, "*", "https://app.example.com");
    String cookie = "Cookie: " + COOKIE + "=" + Doorman.READER;

    assertThat(ask("POST", "/api/ticket", "", cookie, "Origin: http://localhost").status())
        .isEqualTo(200);
    assertThat(ask("POST", "/api/ticket", "", cookie, "Origin: https://app.example.com").status())
        .isEqualTo(200);
    assertRefused(
        ask("POST", "/api/ticket", "", cookie, "Origin: https://evil.example"), 403, "evil");
    assertRefused(ask("POST", "/api/ticket", "", cookie, "Origin: null"), 403, "Origin: null");
    assertRefused(ask("POST", "/api/ticket", "", cookie), 403, "Origin: missing");
  }

  // ---- publishers and operators ----

  @Test
  void aPublisherReachesItsChannelsOnly() throws Exception {
    begin();

    assertThat(send("user.42", bearer(Doorman.WRITER)).status()).isEqualTo(200);
    assertRefused(send("news", bearer(Doorman.WRITER)), 403, "\"news\"");
    assertRefused(
        ask("POST", "/api/send", "{\"data\":\"all\"}", bearer(Doorman.WRITER)), 403, "everyone");
    assertRefused(
        ask(
            "POST",
            "/api/send",
            "[{\"channel_id\":\"user.1\",\"data\":\"1\"},{\"channel_id\":\"x\",\"data\":\"2\"}]",
            bearer(Doorman.WRITER)),
        403,
        "nothing was published");
    assertThat(count(Counter.PUBLISHED)).isEqualTo(1);
    assertThat(ask("POST", "/api/send", "{\"data\":\"all\"}", bearer(Doorman.CRIER)).status())
        .isEqualTo(200);
    assertThat(send("news", bearer(Doorman.ADMIN)).status()).isEqualTo(200);
    assertRefused(send("user.42", bearer(Doorman.READER)), 403, "does not grant publishing");
    assertRefused(send("user.42"), 401, "publishing needs a credential");
    assertRefused(send("user.42", bearer("wrong")), 401, "token: unknown");
  }

  @Test
  void aRoleOpensWhatItIsFor() throws Exception {
    begin();

    assertThat(ask("GET", "/api/stats", "", bearer(Doorman.OPERATOR)).status()).isEqualTo(200);
    assertThat(ask("GET", "/api/stats", "", bearer(Doorman.ADMIN)).status()).isEqualTo(200);
    assertThat(ask("DELETE", "/admin", "", bearer(Doorman.ADMIN)).status()).isEqualTo(204);
    assertRefused(ask("GET", "/api/stats", ""), 401, "looking inside needs a credential");
    assertRefused(ask("GET", "/api/stats", "", bearer(Doorman.READER)), 403, "looking inside");
    assertRefused(ask("GET", "/admin", "", bearer(Doorman.OPERATOR)), 403, "administration");
    assertThat(ask("GET", "/health", "").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /api/send",
        "DELETE /admin",
        "POST /api/ticket",
        "DELETE /api/connections/1"
      })
  void aCookieChangesNothingForAForeignPageOrWithoutAnOrigin(String what) throws Exception {
    begin();
    String cookie = "Cookie: " + COOKIE + "=" + Doorman.ADMIN;
    String[] parts = what.split(" ", -1);

    assertRefused(
        ask(parts[0], parts[1], "{\"data\":\"x\"}", cookie, "Origin: https://evil.example"),
        403,
        "evil");
    assertRefused(ask(parts[0], parts[1], "{\"data\":\"x\"}", cookie), 403, "Origin: missing");
    assertThat(count(Counter.PUBLISHED)).isZero();
  }

  @Test
  void aPageOfAForeignOriginNeedsATokenAndAListThatLetsItRead() throws Exception {
    begin(a -> a, "*");
    assertThat(send("a", bearer(Doorman.CRIER), "Origin: https://x.example").status())
        .isEqualTo(200);
    assertRefused(
        ask("GET", "/api/stats", "", "Cookie: token=" + Doorman.ADMIN, "Origin: https://x.example"),
        403,
        "x.example");
    gateway.close();

    begin();
    assertRefused(send("a", bearer(Doorman.CRIER), "Origin: https://x.example"), 403, "x.example");
  }

  @Test
  void apiKeysOpenWhatTheyAreFor() throws Exception {
    String key = ApiKeys.generate();
    ApiKey publisher =
        new ApiKey(
            "shop",
            ApiKeys.sha256(key),
            ChannelPatterns.NONE,
            ChannelPatterns.of("orders.*"),
            Set.of(Role.STATS));
    ApiKeys keys = new ApiKeys(List.of(publisher));
    gateway =
        Gateway.builder()
            .options(GatewayOptions.DEFAULTS.toBuilder().port(0).transport(kind).build())
            .authenticator(keys)
            .authOptions(AuthOptions.DEFAULTS.withAnonymous(ChannelPatterns.ALL))
            .build();
    gateway.start();
    port = gateway.port();

    assertThat(send("orders.1", bearer(key)).status()).isEqualTo(200);
    assertThat(ask("GET", "/api/stats", "", bearer(key)).status()).isEqualTo(200);
    assertRefused(send("other", bearer(key)), 403, "\"other\"");
    assertRefused(send("orders.1", bearer(key + "x")), 401, "API key: unknown");
    assertRefused(send("orders.1", bearer("a.b.c")), 401, "of no kind that is known");
    assertRefused(send("orders.1"), 401, "needs a credential");
    try (StreamClient open = StreamClient.listen(port, "channel_id=any")) {
      assertThat(open.head().status()).isEqualTo(200);
    }
  }

  // ---- an authenticator that takes its time, or fails ----

  @Test
  void anAnswerMayComeLaterFromAnotherThread() throws Exception {
    begin();
    try (RawClient good = RawClient.connect(port);
        RawClient bad = RawClient.connect(port)) {
      good.send(StreamClient.request("channel_id=news", bearer(Doorman.LATER + Doorman.READER)));
      bad.send(StreamClient.request("channel_id=news", bearer(Doorman.LATER + "wrong")));
      await("both wait", () -> doorman.waiting() == 2);
      assertThat(count(Counter.CONNECTS)).isZero();

      doorman.answerAll();

      try (StreamClient stream = new StreamClient(good)) {
        stream.next();
        gateway.publisher().publish(io.ssegateway.engine.Message.of("news", "hello"));
        assertThat(stream.nextEvent().data()).isEqualTo("hello");
      }
      assertRefused(bad.answer(), 401, "token: unknown");
      if (kind == TransportKind.EPOLL) {
        assertThat(bad.readToEnd()).isEmpty(); // a bare socket is not worth keeping
      }
    }
  }

  @Test
  void requestsThatWaitAreAnsweredInTheirOrderAndWithTheirBodies() throws Exception {
    begin();
    try (RawClient client = RawClient.connect(port);
        StreamClient stream = StreamClient.listen(port, "channel_id=public.a")) {
      String later = bearer(Doorman.LATER + Doorman.CRIER) + "\r\n";
      client.send(
          RawClient.post("{\"channel_id\":\"public.a\",\"data\":\"1\"}", later)
              + RawClient.post("{\"channel_id\":\"public.a\",\"data\":\"2\"}", later)
              + "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
      await("the first waits", () -> doorman.waiting() > 0);
      for (int i = 0; i < 2; i++) {
        int answered = i;
        await(
            "publish " + i,
            () -> {
              doorman.answerAll();
              return count(Counter.PUBLISHED) > answered;
            });
      }

      assertThat(client.answer().field("id")).isNotNull();
      assertThat(client.answer().field("id")).isNotNull();
      assertThat(client.answer().field("status")).isEqualTo("ok");
      assertThat(stream.nextData(2)).containsExactlyInAnyOrder("1", "2");
    }
  }

  @Test
  void aClientThatLeavesWhileItWaitsIsForgotten() throws Exception {
    begin();
    for (boolean orderly : List.of(true, false)) {
      RawClient client = RawClient.connect(port);
      client.send(StreamClient.request("channel_id=news", bearer(Doorman.LATER + Doorman.READER)));
      await("it waits", () -> doorman.waiting() == 1);
      if (orderly) {
        client.close();
      } else {
        client.reset();
      }
      doorman.answerAll();
    }
    RawClient publisher = RawClient.connect(port);
    publisher.send(
        RawClient.post("{\"data\":\"x\"}", bearer(Doorman.LATER + Doorman.CRIER) + "\r\n"));
    await("it waits", () -> doorman.waiting() == 1);
    publisher.reset();
    doorman.answerAll();

    try (StreamClient stream =
        StreamClient.listen(port, "channel_id=news", bearer(Doorman.READER))) {
      assertThat(stream.head().status()).isEqualTo(200);
      await("nobody else is left", () -> gateway.engine().subscribers().total() == 1);
    }
  }

  @Test
  void anAuthenticatorThatDoesNotAnswerInTimeRefuses() throws Exception {
    begin(a -> a.withTimeoutMs(50));
    String later = bearer(Doorman.LATER + Doorman.ADMIN);

    HttpAnswer stream = stream("channel_id=public.a", later);
    assertRefused(stream, 503, "within 50 ms");
    assertThat(stream.header("Retry-After")).isEqualTo("1");
    assertRefused(send("a", later), 503, "within 50 ms");
    doorman.answerAll(); // too late
    assertThat(count(Counter.CONNECTS)).isZero();
    assertThat(count(Counter.PUBLISHED)).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {Doorman.THROWING, Doorman.FAILING, Doorman.NOTHING})
  void anAuthenticatorThatFailsRefusesAndSaysNothing(String token) throws Exception {
    begin();

    assertRefused(stream("channel_id=public.a", bearer(token)), 503, "could not be checked");
    assertRefused(send("a", bearer(token)), 503, "could not be checked");
  }

  @Test
  void anAuthenticatorThatIsDownIsLoggedOnceAndNotForEachRequest() throws Exception {
    List<String> failing = List.of(Doorman.FAILING, Doorman.THROWING, Doorman.NOTHING);
    try (LoggedLines log = new LoggedLines()) {
      begin();
      for (int i = 0; i < 20; i++) {
        assertRefused(
            stream("channel_id=public.a", bearer(failing.get(i % 3))), 503, "could not be checked");
        assertRefused(send("a", bearer(failing.get(i % 3))), 503, "could not be checked");
        stream("channel_id=public.a", bearer("unknown")); // answered, so soon after a failure
      }
      assertThat(log.lines().stream().filter(line -> line.contains(Doorman.class.getName())))
          .singleElement(STRING)
          .contains("failed: ");
    }
  }

  @Test
  void anAuthenticatorRefusesInItsOwnWay() throws Exception {
    begin();

    for (HttpAnswer answer :
        List.of(
            stream("channel_id=public.a", bearer(Doorman.UNWELCOME)),
            send("a", bearer(Doorman.UNWELCOME)))) {
      assertRefused(answer, 429, "come back tomorrow");
      assertThat(answer.header("Retry-After")).isEqualTo("86400");
    }
  }

  @Test
  void authenticatorsAreClosedWithTheGateway() throws Exception {
    begin();
    assertThat(doorman.closed).isFalse();

    gateway.close();

    assertThat(doorman.closed).isTrue();
  }

  // ---- the end of a grant ----

  @Test
  void aStreamEndsWithItsGrantAndTellsSo() throws Exception {
    gateway =
        Gateway.builder()
            .options(
                GatewayOptions.DEFAULTS.toBuilder()
                    .port(0)
                    .transport(kind)
                    .headerTimeoutMs(100) // swept every 25 ms
                    .build())
            .authenticator(doorman)
            .build();
    gateway.start();
    port = gateway.port();
    Instant end = Instant.now().plusMillis(300);
    String token = doorman.tokenUntil(end);
    String ticket = ticket(token);
    try (StreamClient direct = StreamClient.listen(port, "channel_id=news", bearer(token));
        StreamClient ticketed = StreamClient.listen(port, "channel_id=news&ticket=" + ticket);
        StreamClient endless =
            StreamClient.listen(port, "channel_id=news", bearer(Doorman.READER))) {
      gateway.publisher().publish(io.ssegateway.engine.Message.of("news", "hello"));
      for (StreamClient stream : List.of(direct, ticketed)) {
        assertThat(stream.nextEvent().data()).isEqualTo("hello");
        String last = stream.lastId();
        List<SseBlock> rest = stream.rest();
        assertThat(Instant.now()).isAfterOrEqualTo(end.minusMillis(1)); // ends are kept in ms
        SseBlock goodbye = rest.get(rest.size() - 1);
        assertThat(goodbye.type()).isEqualTo("close");
        assertThat(goodbye.data()).isEqualTo("{\"reason\":\"expired\"}");
        assertThat(stream.lastId()).isEqualTo(last);
      }
      assertThat(count(Counter.CLOSED_EXPIRED)).isEqualTo(2);
      assertRefused(stream("channel_id=news", bearer(token)), 401, "expired");
      assertThat(endless.nextEvent().data()).isEqualTo("hello");
      assertThat(gateway.engine().subscribers().total()).isEqualTo(1);
    }
  }

  @Test
  void aStreamOfStatisticsEndsWithItsGrantAndTellsSo() throws Exception {
    begin();
    String token = doorman.operatorUntil(Instant.now().plusMillis(300));
    try (RawClient client = RawClient.connect(port)) {
      String whole =
          client
              .send(
                  "GET /api/stats/stream HTTP/1.1\r\nHost: localhost\r\n"
                      + bearer(token)
                      + "\r\n\r\n")
              .readToEnd();
      assertThat(whole)
          .contains("event: stats\ndata: ")
          .contains("event: close\ndata: {\"reason\":\"expired\"}\n\n");
    }
    assertThat(gateway.statsListeners()).isZero();
  }

  // ---- CORS ----

  @Test
  void aPreflightLetsListedOriginsSendAuthorization() throws Exception {
    begin(a -> a, "https://app.example.com");

    HttpAnswer listed =
        ask(
            "OPTIONS",
            "/sse/connect",
            "",
            "Origin: https://app.example.com",
            "Access-Control-Request-Method: GET",
            "Access-Control-Request-Headers: authorization");
    assertThat(listed.status()).isEqualTo(204);
    assertThat(listed.header("Access-Control-Allow-Headers")).contains("Authorization");
    assertThat(listed.header("Access-Control-Allow-Credentials")).isEqualTo("true");
    HttpAnswer refused =
        stream("channel_id=news", "Origin: https://app.example.com"); // readable by the page
    assertRefused(refused, 401, "needs a credential");
    assertThat(refused.header("Access-Control-Allow-Origin")).isEqualTo("https://app.example.com");
    assertThat(
            ask("OPTIONS", "/sse/connect", "", "Origin: https://x.example")
                .header("Access-Control-Allow-Headers"))
        .isNull();
  }
}
