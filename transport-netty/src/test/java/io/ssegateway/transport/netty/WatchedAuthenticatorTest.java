package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WatchedAuthenticatorTest {
  private final WatchedAuthenticator doorman = new WatchedAuthenticator(new Doorman());

  private static long at(long seconds) {
    return Long.MAX_VALUE - 5 + TimeUnit.SECONDS.toNanos(seconds); // the clock may wrap
  }

  @Test
  void isLoggedOnceWhenItFailsAndOnceWhenItDecidesAgain() {
    try (LoggedLines log = new LoggedLines()) {
      doorman.decided(at(0));
      doorman.failed("no answer", at(1));
      doorman.failed("no answer", at(2));
      doorman.decided(at(3)); // one that fails now and then
      doorman.failed("another reason", at(4));
      doorman.decided(at(13));
      assertThat(of(log)).singleElement().asString().contains("failed: no answer");

      doorman.decided(at(14));
      doorman.decided(at(15));
      assertThat(of(log)).hasSize(2);
      assertThat(of(log).get(1)).contains("refused meanwhile: 3");

      doorman.failed("once more", at(16));
      doorman.decided(at(26));
      assertThat(of(log)).hasSize(4);
      assertThat(of(log).get(2)).contains("failed: once more");
      assertThat(of(log).get(3)).contains("refused meanwhile: 1");
    }
  }

  private static List<String> of(LoggedLines log) {
    return log.lines().stream().filter(line -> line.contains(Doorman.class.getName())).toList();
  }
}
