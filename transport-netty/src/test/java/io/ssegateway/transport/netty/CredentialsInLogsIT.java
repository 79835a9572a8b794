package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.StreamClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Everything is logged, at every level, and none of it holds a credential. */
class CredentialsInLogsIT extends GatewayCase {
  private final Queue<String> lines = new ConcurrentLinkedQueue<>();
  private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  private final Logger own = (Logger) LoggerFactory.getLogger("io.ssegateway");
  private final Level rootLevel = root.getLevel();
  private final Level ownLevel = own.getLevel();

  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          lines.add(event.getFormattedMessage());
          if (event.getThrowableProxy() != null) {
            lines.add(ThrowableProxyUtil.asString(event.getThrowableProxy()));
          }
        }
      };

  @BeforeEach
  void logEverything() {
    root.iteratorForAppenders().forEachRemaining(each -> each.addFilter(new ConsoleThreshold()));
    appender.start();
    root.addAppender(appender);
    root.setLevel(Level.TRACE);
    own.setLevel(Level.TRACE);
  }

  /** Keeps what is only to be scanned off the console. */
  private static final class ConsoleThreshold
      extends ch.qos.logback.core.filter.Filter<ILoggingEvent> {
    @Override
    public ch.qos.logback.core.spi.FilterReply decide(ILoggingEvent event) {
      return event.getLevel().isGreaterOrEqual(Level.WARN)
          ? ch.qos.logback.core.spi.FilterReply.NEUTRAL
          : ch.qos.logback.core.spi.FilterReply.DENY;
    }
  }

  @AfterEach
  void logAsBefore() {
    root.detachAppender(appender);
    root.iteratorForAppenders().forEachRemaining(each -> each.clearAllFilters());
    root.setLevel(rootLevel);
    own.setLevel(ownLevel);
  }

  @Test
  void noCredentialIsInAnyLogLineProblemOrStatistic() throws Exception {
    gateway =
        Gateway.builder()
            .options(GatewayOptions.DEFAULTS.toBuilder().port(0).transport(kind).build())
            .authenticator(new Doorman())
            .authOptions(
                AuthOptions.DEFAULTS.withCookie("token").withQueryToken(true).withTimeoutMs(100))
            .endpoint(
                "/broken",
                "GET",
                call -> {
                  throw new IllegalStateException("staged");
                })
            .build();
    gateway.start();
    port = gateway.port();
    List<String> answers = new ArrayList<>();
    String ticket;
    try (RawClient client = RawClient.connect(port)) {
      ticket =
          client
              .send(
                  "POST /api/ticket HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                      + Doorman.READER
                      + "\r\nContent-Length: 0\r\n\r\n")
              .answer()
              .field("ticket");
    }
    for (String token :
        List.of(
            Doorman.READER,
            Doorman.WRITER,
            Doorman.THROWING,
            Doorman.FAILING,
            Doorman.UNWELCOME,
            Doorman.LATER + Doorman.READER,
            "wrong-" + Doorman.MARKER)) {
      String header = "Authorization: Bearer " + token;
      answers.add(ask(StreamClient.request("channel_id=news", header)));
      answers.add(ask(StreamClient.request("channel_id=news", "Cookie: token=" + token)));
      answers.add(ask(StreamClient.request("channel_id=news&access_token=" + token)));
      answers.add(ask(StreamClient.request("channel_id=news&ticket=" + token)));
      answers.add(ask(RawClient.post("{\"data\":\"x\"}", header + "\r\n")));
    }
    String secret = Doorman.READER;
    for (String target :
        List.of(
            "/broken?access_token=" + secret,
            "/api/stats?access_token=" + secret,
            "/nowhere?access_token=" + secret,
            "/sse/connect?channel_id=news&ticket=" + ticket,
            "/sse/connect?channel_id=%zz&access_token=" + secret,
            "/sse/connect?channel_id=a&ticket=" + secret + "%zz",
            "/sse/connect?ticket=" + secret + " with spaces",
            "/sse/connect?ticket=" + secret + "#" + "x".repeat(20_000))) {
      answers.add(ask("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    }
    for (String header :
        List.of(
            "Authorization: Basic " + secret,
            "Authorization: " + secret + "\u0001",
            "Authorization : Bearer " + secret,
            "Author\u0001ization: Bearer " + secret,
            "Authorization: Bearer " + secret + "x".repeat(20_000),
            "Cookie: token=" + secret + "\u0000")) {
      answers.add(ask(StreamClient.request("channel_id=news", header)));
    }
    answers.add(
        ask(
            "GET /api/stats HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                + Doorman.ADMIN
                + "\r\n\r\n"));
    gateway.close();

    assertThat(lines).as("the logger is heard").anyMatch(line -> line.contains("/broken failed"));
    assertThat(lines).noneMatch(line -> line.contains(Doorman.MARKER) || line.contains(ticket));
    assertThat(answers).hasSizeGreaterThan(40);
    assertThat(answers)
        .noneMatch(answer -> answer.contains(Doorman.MARKER) || answer.contains(ticket));
  }

  /** The beginning of the answer: of a stream the head, of anything else all of it. */
  private String ask(String request) throws IOException {
    try (RawClient client = RawClient.connect(port)) {
      byte[] bytes = new byte[64 * 1024];
      int n = client.send(request).read(bytes);
      return n < 0 ? "" : new String(bytes, 0, n, java.nio.charset.StandardCharsets.UTF_8);
    }
  }
}
