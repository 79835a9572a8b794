package io.ssegateway.engine.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventIdTest {
  private static final String LONGEST_EPOCH = "e".repeat(EventId.MAX_EPOCH_LENGTH);

  @Property
  void whatIsFormattedIsParsed(@ForAll @LongRange(min = 0) long position) {
    assertThat(EventId.parse(EventId.format("x1.y", position), "x1.y")).isEqualTo(position);
  }

  @Property
  void bothWaysToWriteAnIdLineWriteTheSame(@ForAll @LongRange(min = 0) long position) {
    byte[] prefix = EventId.idLinePrefix(LONGEST_EPOCH);
    UnsafeBuffer forward = new UnsafeBuffer(new byte[EventId.MAX_ID_LINE_LENGTH]);
    int length = EventId.putIdLine(forward, 0, prefix, position);
    UnsafeBuffer backward = new UnsafeBuffer(new byte[EventId.MAX_ID_LINE_LENGTH]);
    int start = EventId.putIdLineBefore(backward, EventId.MAX_ID_LINE_LENGTH, prefix, position);
    assertThat(EventId.MAX_ID_LINE_LENGTH - start).isEqualTo(length);
    String line = forward.getStringWithoutLengthUtf8(0, length);
    assertThat(line).isEqualTo("id: " + EventId.format(LONGEST_EPOCH, position) + "\n");
    assertThat(backward.getStringWithoutLengthUtf8(start, length)).isEqualTo(line);
  }

  @Test
  void theLongestIdIsPlainAndShort() {
    String id = EventId.format(LONGEST_EPOCH, Long.MAX_VALUE);
    assertThat(id).hasSizeLessThanOrEqualTo(64).matches("[0-9A-Za-z.-]+");
    assertThat(EventId.parse(id, LONGEST_EPOCH)).isEqualTo(Long.MAX_VALUE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "-1",
        "e",
        "e-",
        "12",
        "e-x",
        "e-1x",
        "e- 1",
        "e-1 ",
        "e-+1",
        "e--",
        "e 1-1",
        "é-1",
        "e-٣",
        "e-9223372036854775808",
        "e-9999999999999999999",
        "e-10000000000000000000",
        "e-00000000000000000000",
        "\0-1",
        "e\n-1"
      })
  void whatIsNoIdIsMalformed(String text) {
    assertThat(EventId.parse(text, "e")).isEqualTo(EventId.MALFORMED);
  }

  @Test
  void anEpochThatIsTooLongIsMalformed() {
    assertThat(EventId.parse(LONGEST_EPOCH + "e-1", "e")).isEqualTo(EventId.MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"f-1", "ee-1", "E-1", "e.-1", "a-e-1", "e--1"})
  void anIdOfAnotherEpochIsToldApart(String text) {
    assertThat(EventId.parse(text, "e")).isEqualTo(EventId.OTHER_EPOCH);
  }

  @Property
  void noTextMakesTheParserThrow(@ForAll String text) {
    assertThat(EventId.parse(text, "e")).isGreaterThanOrEqualTo(EventId.OTHER_EPOCH);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a-b", "a b", "é", "a\n", "a/b"})
  void anEpochMustBePlain(String epoch) {
    assertThatThrownBy(() -> EventId.requireEpoch(epoch))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("epoch: \"" + epoch + "\" (expected: ");
  }

  @Test
  void anEpochHasABound() {
    assertThat(EventId.requireEpoch(LONGEST_EPOCH)).isEqualTo(LONGEST_EPOCH);
    assertThatThrownBy(() -> EventId.idLinePrefix(LONGEST_EPOCH + "e"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 to 40 characters");
  }
}
