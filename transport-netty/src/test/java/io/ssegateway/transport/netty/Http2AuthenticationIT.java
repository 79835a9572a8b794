package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Headers;
import io.ssegateway.engine.Counter;
import io.ssegateway.transport.netty.testing.Http2Raw;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each way in, and each way to be refused, over HTTP/2, by prior knowledge and by TLS; and no
 * credential in the log of it. All of a test goes over one connection, which outlives refusals.
 */
class Http2AuthenticationIT extends GatewayCase {
  private static final TestCertificate CERTIFICATE = TestCertificate.of("first", "EC");
  private static final String APP = "https://app.example.com";

  private final Doorman doorman = new Doorman();
  private final LoggedLines log = new LoggedLines();
  private final List<String> refusals = new ArrayList<>();
  private Http2Raw connection;
  private int lastStream = -1;

  @TempDir Path directory;

  @AfterEach
  void end() throws IOException {
    log.close();
    if (connection != null) {
      connection.close();
    }
  }

  private void begin(boolean tls) throws Exception {
    Gateway.Builder builder =
        Gateway.builder()
            .options(
                GatewayOptions.DEFAULTS.toBuilder()
                    .port(0)
                    .transport(kind)
                    .corsOrigins(List.of(APP))
                    .build())
            .authenticator(doorman)
            .authOptions(
                AuthOptions.DEFAULTS
                    .withCookie("token")
                    .withQueryToken(true)
                    .withAnonymous(ChannelPatterns.of("public.*")));
    if (tls) {
      Path certificate = directory.resolve("tls.crt");
      Path key = directory.resolve("tls.key");
      CERTIFICATE.write(certificate, key);
      builder.tls(new TlsOptions(certificate, key, 60_000));
    }
    gateway = builder.build();
    gateway.start();
    port = gateway.port();
    connection = tls ? new Http2Raw(connectTls()).begin() : Http2Raw.connect(port);
  }

  private RawClient connectTls() throws Exception {
    SSLSocket socket =
        (SSLSocket)
            CERTIFICATE
                .clientContext()
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), port);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"h2"});
    socket.setSSLParameters(parameters);
    RawClient client = RawClient.over(socket);
    socket.startHandshake();
    assertThat(socket.getApplicationProtocol()).isEqualTo("h2");
    return client;
  }

  /** Sends a request; an empty body is none. Answers its stream. */
  private int send(String method, String path, String body, String... fields) throws IOException {
    lastStream += 2;
    int ends = body.isEmpty() ? Http2Raw.END_STREAM : 0;
    connection.frame(
        Http2Raw.HEADERS,
        Http2Raw.END_HEADERS | ends,
        lastStream,
        connection.fields(method, path, fields));
    if (!body.isEmpty()) {
      connection.frame(
          Http2Raw.DATA, Http2Raw.END_STREAM, lastStream, body.getBytes(StandardCharsets.UTF_8));
    }
    return lastStream;
  }

  private void assertStreams(String query, String... fields) throws IOException {
    int stream = send("GET", "/sse/connect?" + query, "", fields);
    Http2Headers head = connection.response(stream);
    assertThat(head.status()).as(query).hasToString("200");
    assertThat(head.get("content-type")).hasToString("text/event-stream");
  }

  private void assertRefused(
      int status, String reason, String method, String path, String body, String... fields)
      throws IOException {
    int stream = send(method, path, body, fields);
    Http2Headers head = connection.response(stream);
    String answer = connection.body(stream);
    refusals.add(head + answer);
    assertThat(head.status()).as(path + ' ' + answer).hasToString(Integer.toString(status));
    assertThat(head.get("content-type")).hasToString("application/problem+json");
    assertThat(answer.replace("\\\"", "\"")).contains(reason);
    if (status == 401) {
      assertThat(head.get("www-authenticate").toString()).startsWith("Bearer");
    }
  }

  private void assertNoStream(int status, String reason, String query, String... fields)
      throws IOException {
    assertRefused(status, reason, "GET", "/sse/connect?" + query, "", fields);
  }

  private static String[] bearer(String token) {
    return new String[] {"authorization", "Bearer " + token};
  }

  private String ticket() throws IOException {
    int stream = send("POST", "/api/ticket", "", bearer(Doorman.READER));
    assertThat(connection.response(stream).status()).hasToString("200");
    return connection.body(stream).replaceFirst(".*\"ticket\":\"([^\"]+)\".*", "$1");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void eachWayInAndEachWayToBeRefusedIsAsOverHttp1(boolean tls) throws Exception {
    begin(tls);
    String ticket = ticket();
    assertStreams("channel_id=news", bearer(Doorman.READER));
    assertStreams("channel_id=user.1", "cookie", "a=b", "cookie", "token=" + Doorman.READER);
    assertStreams("channel_id=news", "cookie", "token=" + Doorman.READER, "origin", APP);
    assertStreams("channel_id=news&access_token=" + Doorman.READER);
    assertStreams("channel_id=news&ticket=" + ticket);
    assertStreams("channel_id=public.1");
    assertStreams(
        "channel_id=news", "cookie", "token=" + Doorman.READER, "origin", "http://localhost");

    assertNoStream(401, "needs a credential", "channel_id=news");
    String wrong = "wrong-" + Doorman.MARKER;
    assertNoStream(401, "unknown", "channel_id=public.1", bearer(wrong));
    assertNoStream(401, "unknown", "channel_id=news", "cookie", "token=" + wrong);
    assertNoStream(401, "unknown", "channel_id=news&access_token=" + wrong);
    assertNoStream(401, "ticket: unknown, used or over", "channel_id=news&ticket=" + ticket);
    assertNoStream(401, "expired", "channel_id=news", bearer(Doorman.OVER));
    assertNoStream(503, "could not be checked", "channel_id=news", bearer(Doorman.THROWING));
    assertNoStream(401, "expected: once", "channel_id=news", "authorization", "Basic " + wrong);
    assertNoStream(403, "\"other\" is not granted", "channel_id=other", bearer(Doorman.READER));
    assertNoStream(
        403,
        "evil.example",
        "channel_id=news",
        "cookie",
        "token=" + Doorman.READER,
        "origin",
        "https://evil.example");

    String message = "{\"channel_id\":\"user.1\",\"data\":\"x\"}";
    String cookie = "token=" + Doorman.WRITER;
    assertRefused(401, "needs a credential", "POST", "/api/send", message);
    assertRefused(403, "publishing", "POST", "/api/send", message, bearer(Doorman.READER));
    assertRefused(403, "Origin: missing", "POST", "/api/send", message, "cookie", cookie);
    assertRefused(
        403,
        "evil.example",
        "POST",
        "/api/send",
        message,
        "cookie",
        cookie,
        "origin",
        "https://evil.example");
    assertRefused(403, "looking inside", "GET", "/api/stats", "", bearer(Doorman.WRITER));
    assertRefused(
        403, "administration", "DELETE", "/api/connections/1", "", bearer(Doorman.OPERATOR));
    assertThat(count(Counter.PUBLISHED)).isZero();
    int sent = send("POST", "/api/send", message, bearer(Doorman.WRITER));
    assertThat(connection.response(sent).status()).hasToString("200");
    assertThat(gateway.engine().subscribers().total()).isEqualTo(7);

    connection.close();
    gateway.close();
    assertThat(log.lines()).as("is heard").anyMatch(line -> line.contains("Doorman failed"));
    assertThat(log.lines())
        .noneMatch(line -> line.contains(Doorman.MARKER) || line.contains(ticket));
    assertThat(refusals)
        .hasSize(16)
        .noneMatch(answer -> answer.contains(Doorman.MARKER) || answer.contains(ticket));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aStreamEndsWithItsGrantAndTheConnectionGoesOn(boolean tls) throws Exception {
    begin(tls);
    assertStreams("channel_id=news", bearer(Doorman.READER)); // what is slow the first time
    Instant end = Instant.now().plusMillis(800);
    int stream = send("GET", "/sse/connect?channel_id=news", "", bearer(doorman.tokenUntil(end)));
    assertThat(connection.response(stream).status()).hasToString("200");
    assertThat(connection.body(stream))
        .endsWith("event: close\ndata: {\"reason\":\"expired\"}\n\n");
    assertThat(Instant.now()).isAfter(end);
    assertThat(count(Counter.CLOSED_EXPIRED)).isEqualTo(1);
    assertStreams("channel_id=news", bearer(Doorman.READER));
  }
}
