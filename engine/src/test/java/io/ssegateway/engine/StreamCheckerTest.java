package io.ssegateway.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The checker must find what it is there to find. */
class StreamCheckerTest {
  private final StreamChecker checker = new StreamChecker();

  private StreamChecker.Stream stream() {
    checker.published(1, "a");
    checker.published(2, "b");
    checker.published(3, null);
    checker.published(4, "a");
    checker.published(5, "a");
    return checker.stream(List.of("a"), 0);
  }

  @Test
  void aWholeStreamIsRight() {
    StreamChecker.Stream stream = stream();
    stream.saw(1);
    stream.saw(3);
    stream.reached(3);
    stream.saw(4);
    assertThat(stream.hasEverything()).isFalse();
    stream.saw(5);
    stream.endedAt(5);
    assertThat(stream.problems()).isEmpty();
    assertThat(stream.hasEverything()).isTrue();
    assertThat(stream.events()).isEqualTo(4);
  }

  @Test
  void itFindsWhatIsMissing() {
    StreamChecker.Stream stream = stream();
    stream.saw(1);
    stream.saw(4);
    assertThat(stream.problems()).hasSize(1).first().asString().contains("event 3 is missing");
  }

  @Test
  void itFindsWhatIsMissingAtTheEnd() {
    StreamChecker.Stream stream = stream();
    stream.saw(1);
    stream.saw(3);
    stream.endedAt(5);
    assertThat(stream.problems()).hasSize(1).first().asString().contains("event 4 is missing");
  }

  @Test
  void itFindsWhatComesTwiceOrBackwards() {
    StreamChecker.Stream stream = stream();
    stream.saw(1);
    stream.saw(1);
    stream.saw(3);
    stream.saw(1);
    assertThat(stream.problems()).hasSize(2);
  }

  @Test
  void itFindsWhatIsOfAnotherChannel() {
    StreamChecker.Stream stream = stream();
    stream.saw(1);
    stream.saw(2);
    assertThat(stream.problems()).hasSize(1).first().asString().contains("none of the channels");
  }

  @Test
  void itFindsAnIdThatRunsAheadOfWhatWasSent() {
    StreamChecker.Stream stream = stream();
    stream.saw(1);
    stream.reached(4);
    assertThat(stream.problems()).isNotEmpty();
  }

  @Test
  void aGapAccountsForWhatLiesBeforeItsEndOnly() {
    StreamChecker.Stream stream = stream();
    stream.gap("expired", 3);
    stream.saw(4);
    assertThat(stream.problems()).isEmpty();
    stream.gap("expired", 3);
    assertThat(stream.problems()).hasSize(1);
  }
}
