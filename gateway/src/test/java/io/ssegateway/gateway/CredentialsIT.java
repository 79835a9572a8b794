package io.ssegateway.gateway;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.ssegateway.transport.netty.ApiKeys;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The jar with tokens and API keys: each way in, each way to be refused, and at the end a look for
 * every credential that was used in all that was logged, at the level TRACE of every logger.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CredentialsIT {
  private static final String SECRET = "a.secret.of.the.test.that.has.more.than.32.bytes";
  private static final String OTHER_SECRET = "another.secret.that.nobody.told.the.gateway.of";
  private static final String APP = "https://app.example.com";
  private static final Pattern MADE_KEY =
      Pattern.compile("\n(sgk_[0-9A-Za-z_-]{43})\n(publisher\\.sha256=[0-9a-f]{64})\n");

  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final Set<String> USED = new HashSet<>();

  @TempDir static Path directory;
  private static GatewayProcess gateway;
  private static String publisherKey;
  private static String operatorKey;

  @BeforeAll
  static void start() throws Exception {
    String made = makeKey();
    Matcher matcher = MADE_KEY.matcher(made);
    assertThat(matcher.find()).as(made).isTrue();
    publisherKey = used(matcher.group(1));
    operatorKey = used(ApiKeys.generate());
    Path keys =
        Files.writeString(
            directory.resolve("keys.properties"),
            matcher.group(2)
                + "\npublisher.publish=orders.*\n"
                + "operator.roles=stats\noperator.subscribe=orders.1\noperator.sha256="
                + ApiKeys.sha256(operatorKey));
    Path logback =
        Files.writeString(
            directory.resolve("logback.xml"),
            "<configuration><appender name=\"O\" class=\"ch.qos.logback.core.ConsoleAppender\">"
                + "<encoder><pattern>%level %logger %msg%n</pattern></encoder></appender>"
                + "<root level=\"TRACE\"><appender-ref ref=\"O\"/></root></configuration>");
    List<String> options = new ArrayList<>(ClassArchive.options());
    options.add("-Dlogback.configurationFile=" + logback);
    used(SECRET);
    gateway =
        GatewayProcess.start(
            GatewayProcess.java(),
            options,
            Map.of("SSE_GATEWAY_JWT_SECRET", SECRET),
            "--port=0",
            "--journal=memory",
            "--drain=0s",
            "--access-log=log",
            "--api-keys=" + keys,
            "--jwt-issuer=https://issuer.example",
            "--jwt-audience=gateway",
            "--jwt-clock-skew=5s",
            "--jwt-roles-claim=gw.roles",
            "--auth-cookie=session",
            "--auth-query-token=true",
            "--anonymous-channels=public.*, status",
            "--cors-origins=" + APP);
    gateway.port();
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  private static String makeKey() throws IOException, InterruptedException {
    try (GatewayProcess process =
        GatewayProcess.start(
            GatewayProcess.java(), ClassArchive.options(), Map.of(), "--new-api-key=publisher")) {
      assertThat(process.exitCode()).isZero();
      return String.join("\n", process.output()) + "\n";
    }
  }

  private static String used(String credential) {
    USED.add(credential);
    return credential;
  }

  private static JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .subject("joe")
        .issuer("https://issuer.example")
        .audience("gateway")
        .claim("channels", List.of("news", "user.*"))
        .claim("publish", List.of("user.joe"))
        .claim("gw", Map.of("roles", List.of("stats")))
        .expirationTime(Date.from(Instant.now().plusSeconds(60)));
  }

  private static String signed(String secret, JWTClaimsSet.Builder claims) throws JOSEException {
    SignedJWT token = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims.build());
    token.sign(new MACSigner(secret));
    return used(token.serialize());
  }

  private static String token() throws JOSEException {
    return signed(SECRET, claims());
  }

  private static String[] bearer(String token) {
    return new String[] {"Authorization", "Bearer " + token};
  }

  private static String[] headers(String... namesAndValues) {
    return namesAndValues;
  }

  /** The status of a stream, and if it is refused the answer, which then no credential is in. */
  private static String stream(String query, String... headers) throws Exception {
    return ask("GET", "/sse/connect?" + query, "", headers);
  }

  private static String ask(String method, String path, String body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(gateway.url(path)))
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    HttpResponse<InputStream> response =
        CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream content = response.body()) {
      if (response.headers().firstValue("Content-Type").orElse("").equals("text/event-stream")) {
        return Integer.toString(response.statusCode());
      }
      String text = new String(content.readAllBytes(), StandardCharsets.UTF_8);
      if (response.statusCode() >= 400) {
        assertThat(USED).noneMatch(text::contains);
      }
      if (response.statusCode() == 401) {
        assertThat(response.headers().firstValue("WWW-Authenticate")).isPresent();
      }
      return response.statusCode() + " " + text;
    }
  }

  private static void assertRefused(String answer, int status, String reason) {
    assertThat(answer.replace("\\\"", "\"")).startsWith(status + " ").contains(reason);
  }

  private static String ticket(String... headers) throws Exception {
    String answer = ask("POST", "/api/ticket", "", headers);
    assertThat(answer).startsWith("200 ");
    return used(answer.replaceFirst(".*\"ticket\":\"([^\"]+)\".*", "$1"));
  }

  private static String send(String channel, String... headers) throws Exception {
    return ask("POST", "/api/send", "{\"channel_id\":\"" + channel + "\",\"data\":\"x\"}", headers);
  }

  @Test
  @Order(1)
  void theLogSaysWhoMayDoWhat() {
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> gateway.output().stream().anyMatch(line -> line.contains("histories keep")));
    String log = String.join("\n", gateway.output());
    assertThat(log)
        .contains(
            "listening: JSON Web Tokens (jwt-secret) and 2 API keys by Authorization, cookie"
                + " session, query and tickets; everyone on [public.*, status]")
        .contains("publishing, /api, /metrics: JSON Web Tokens (jwt-secret) and 2 API keys")
        .contains("API key publisher: publish [orders.*], subscribe [], roles []")
        .contains("API key operator: publish [], subscribe [orders.1], roles [STATS]")
        .contains("WARN sse-gateway auth-query-token: proxies")
        .doesNotContain("this machine only");
  }

  @Test
  @Order(2)
  void eachWayInOpensWhatItGrants() throws Exception {
    String token = token();
    assertThat(stream("channel_id=news&channel_id=user.7", bearer(token))).isEqualTo("200");
    assertThat(stream("channel_id=news", "Cookie", "a=b; session=" + token)).isEqualTo("200");
    assertThat(stream("channel_id=news", "Cookie", "session=" + token, "Origin", APP))
        .isEqualTo("200");
    assertThat(stream("channel_id=news&access_token=" + token)).isEqualTo("200");
    assertThat(stream("channel_id=news&ticket=" + ticket(bearer(token)))).isEqualTo("200");
    assertThat(stream("channel_id=orders.1", bearer(operatorKey))).isEqualTo("200");
    assertThat(stream("channel_id=public.1&channel_id=status")).isEqualTo("200");

    assertThat(send("user.joe", bearer(token))).startsWith("200 ");
    assertThat(send("orders.9", bearer(publisherKey))).startsWith("200 ");
    assertThat(send("user.joe", "Cookie", "session=" + token, "Origin", APP)).startsWith("200 ");
    assertThat(ask("GET", "/api/stats", "", bearer(token))).startsWith("200 ");
    assertThat(ask("GET", "/metrics", "", bearer(operatorKey))).startsWith("200 ");
    assertThat(ask("GET", "/health", "")).startsWith("200 ");
  }

  @Test
  @Order(3)
  void eachBadCredentialIs401WithItsReason() throws Exception {
    Instant now = Instant.now();
    String good = token();
    Map<String, String> tokens =
        Map.of(
            signed(SECRET, claims().expirationTime(Date.from(now.minusSeconds(10)))),
            "token: expired",
            signed(SECRET, claims().expirationTime(null)),
            "when it expires",
            signed(SECRET, claims().notBeforeTime(Date.from(now.plusSeconds(60)))),
            "not valid yet",
            signed(SECRET, claims().issuer("https://other.example")),
            "another issuer",
            signed(SECRET, claims().audience("other")),
            "another audience",
            signed(OTHER_SECRET, claims()),
            "signature is wrong",
            used(good.substring(0, good.lastIndexOf('.') + 1) + "AAAA"),
            "signature is wrong",
            used(new PlainJWT(claims().build()).serialize()),
            "not a signed JWT",
            used(ApiKeys.generate()),
            "API key: unknown");
    for (Map.Entry<String, String> each : tokens.entrySet()) {
      String token = each.getKey();
      for (String channel : List.of("news", "public.1")) { // never a quiet anonymous stream
        String query = "channel_id=" + channel;
        assertRefused(stream(query, bearer(token)), 401, each.getValue());
        assertRefused(stream(query, "Cookie", "session=" + token), 401, each.getValue());
        assertRefused(stream(query + "&access_token=" + token), 401, each.getValue());
      }
      assertRefused(stream("channel_id=news&ticket=" + token), 401, "ticket: unknown");
      assertRefused(send("user.joe", bearer(token)), 401, each.getValue());
    }
    String spent = ticket(bearer(good));
    assertThat(stream("channel_id=news&ticket=" + spent)).isEqualTo("200");
    assertRefused(stream("channel_id=news&ticket=" + spent), 401, "ticket: unknown, used or over");
    assertRefused(
        stream("channel_id=news", "Authorization", "Basic " + used("am9lOnNlY3JldA==")),
        401,
        "expected: once, Bearer TOKEN");
    assertRefused(stream("channel_id=news"), 401, "needs a credential");
    assertRefused(send("user.joe"), 401, "publishing needs a credential");
    assertRefused(ask("GET", "/api/stats", ""), 401, "looking inside needs a credential");
    assertRefused(ask("GET", "/metrics", ""), 401, "needs a credential");
    assertRefused(ask("POST", "/api/ticket", ""), 401, "needs a credential");
  }

  @Test
  @Order(4)
  void whatACredentialDoesNotGrantIs403WithItsReason() throws Exception {
    String token = token();
    assertRefused(
        stream("channel_id=news&channel_id=orders.1", bearer(token)),
        403,
        "channel_id: \"orders.1\" is not granted");
    assertRefused(send("orders.1", bearer(token)), 403, "orders.1");
    assertRefused(
        ask("POST", "/api/send", "{\"data\":\"to all\"}", bearer(publisherKey)), 403, "channel");
    assertRefused(ask("GET", "/api/stats", "", bearer(publisherKey)), 403, "looking inside");
    assertRefused(ask("DELETE", "/api/connections/1", "", bearer(token)), 403, "administration");
    assertRefused(
        ask("POST", "/api/ticket", "", bearer(publisherKey)), 403, "listening to no channel");
    String[] foreign = headers("Cookie", "session=" + token, "Origin", "https://evil.example");
    assertRefused(stream("channel_id=news", foreign), 403, "Origin: https://evil.example");
    assertRefused(send("user.joe", foreign), 403, "Origin: https://evil.example");
    assertRefused(ask("POST", "/api/ticket", "", foreign), 403, "Origin: https://evil.example");
    assertRefused(send("user.joe", "Cookie", "session=" + token), 403, "Origin: missing");
  }

  @Test
  @Order(5)
  void aStreamIsClosedAtTheEndOfItsTokenAndToldWhy() throws Exception {
    Instant end = Instant.now().plusSeconds(2);
    String token = signed(SECRET, claims().expirationTime(Date.from(end)));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(gateway.url("/sse/connect?channel_id=news")))
            .headers(bearer(token))
            .build();

    HttpResponse<String> whole =
        CLIENT.sendAsync(request, HttpResponse.BodyHandlers.ofString()).get(15, SECONDS);

    assertThat(whole.statusCode()).isEqualTo(200);
    assertThat(whole.body()).endsWith("event: close\ndata: {\"reason\":\"expired\"}\n\n");
    assertThat(ask("GET", "/metrics", "", bearer(operatorKey)))
        .contains("sse_gateway_disconnects_total{reason=\"expired\"} 1.0");
  }

  @Test
  @Order(6)
  void noCredentialIsInAnyLogLine() throws Exception {
    gateway.terminate();
    gateway.exitCode();

    List<String> log = gateway.output();
    assertThat(log).as("every logger is heard").anyMatch(line -> line.startsWith("DEBUG io.netty"));
    assertThat(log)
        .as("the access log is heard")
        .anyMatch(line -> line.contains(" io.ssegateway.access 127.0.0.1 - joe ["))
        .anyMatch(line -> line.contains("\"GET /sse/connect HTTP/1.1\" 401"));
    assertThat(USED).hasSizeGreaterThan(15);
    for (String credential : USED) {
      // a long token could be cut: its end is enough to find it
      String part = credential.substring(Math.max(0, credential.length() - 20));
      assertThat(log).noneMatch(line -> line.contains(credential) || line.contains(part));
    }
  }
}
