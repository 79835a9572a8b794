package io.ssegateway.engine.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SseFrameTest {
  private static String body(String type, String publisherId, int retryMs, String data) {
    return body(type, publisherId, retryMs, null, data);
  }

  private static String body(
      String type, String publisherId, int retryMs, TraceContext trace, String data) {
    byte[] payload = data.getBytes(StandardCharsets.UTF_8);
    UnsafeBuffer source = new UnsafeBuffer(payload);
    int breaks = SseFrame.countLineBreaks(source, 0, payload.length);
    int bound = SseFrame.maxBodyLength(type, publisherId, trace, payload.length, breaks);
    UnsafeBuffer buffer = new UnsafeBuffer(new byte[bound + 7]); // the bound, at an odd offset
    int length =
        SseFrame.putBody(buffer, 7, type, publisherId, retryMs, trace, source, 0, payload.length);
    return buffer.getStringWithoutLengthUtf8(7, length);
  }

  private static DecodedFrame decode(String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return DecodedFrame.decode(new UnsafeBuffer(bytes), 0, bytes.length);
  }

  @Test
  void theDefaultTypeIsLeftOut() {
    assertThat(body("message", null, -1, "hello")).isEqualTo("data: hello\n\n");
  }

  @Test
  void everyFieldHasALineOfItsOwn() {
    assertThat(body("tick", "p-1", 250, "hello"))
        .isEqualTo(": publisher-id=p-1\nevent: tick\nretry: 250\ndata: hello\n\n");
  }

  @Test
  void theTraceIsAComment() {
    String parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    String state = "vendor=" + "x".repeat(505);
    for (TraceContext trace :
        List.of(new TraceContext(parent, null), new TraceContext(parent, state))) {
      String body = body("tick", "p-1", 250, trace, "a\n: traceparent=b");

      assertThat(body)
          .isEqualTo(
              ": publisher-id=p-1\n: traceparent="
                  + parent
                  + (trace.tracestate() == null ? "" : "\n: tracestate=" + state)
                  + "\nevent: tick\nretry: 250\ndata: a\ndata: : traceparent=b\n\n");
      assertThat(decode(body))
          .isEqualTo(new DecodedFrame("tick", "p-1", 250, trace, "a\n: traceparent=b"));
    }
  }

  @Test
  void aTimeToComeBackOfZeroIsSent() {
    assertThat(body("message", null, 0, "x")).isEqualTo("retry: 0\ndata: x\n\n");
    assertThat(body("message", null, Integer.MAX_VALUE, "x"))
        .isEqualTo("retry: 2147483647\ndata: x\n\n");
  }

  @Test
  void emptyDataIsStillAnEvent() {
    assertThat(body("message", null, -1, "")).isEqualTo("data: \n\n");
    assertThat(decode("data: \n\n").data()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a\\nb     | data: a;data: b",
        "a\\rb     | data: a;data: b",
        "a\\r\\nb  | data: a;data: b",
        "a\\n\\rb  | data: a;data: ;data: b",
        "a\\r\\rb  | data: a;data: ;data: b",
        "\\n       | data: ;data: ",
        "\\r\\n    | data: ;data: ",
        "\\r       | data: ;data: ",
        "a\\n      | data: a;data: ",
        "\\r\\n\\r | data: ;data: ;data: ",
      })
  void dataIsSplitAtLfCrAndCrlf(String escaped, String lines) {
    String data = escaped.replace("\\n", "\n").replace("\\r", "\r");
    // the delimiter's white space is cut, so a line that ends in a blank gets it back here
    String expected = (lines + ";").replaceAll("data:;", "data: ;").replace(';', '\n') + "\n";
    assertThat(body("message", null, -1, data)).isEqualTo(expected);
  }

  @Test
  void aLineBreakIsFoundAtEveryPlaceOfAWord() {
    for (int length = 1; length < 40; length++) {
      for (int at = 0; at < length; at++) {
        for (byte lineBreak : new byte[] {'\n', '\r'}) {
          byte[] payload = new byte[length + 3];
          java.util.Arrays.fill(payload, (byte) 'x');
          payload[at + 3] = lineBreak;
          assertThat(SseFrame.countLineBreaks(new UnsafeBuffer(payload), 3, length))
              .as("length %d, at %d", length, at)
              .isEqualTo(1);
        }
      }
    }
  }

  @Test
  void bytesThatLookLikeLineBreaksWithABitMoreAreNone() {
    byte[] payload = new byte[256 * 8];
    int breaks = 0;
    for (int i = 0; i < payload.length; i++) {
      payload[i] = (byte) (i * 31);
      breaks += payload[i] == '\n' || payload[i] == '\r' ? 1 : 0;
    }
    assertThat(SseFrame.countLineBreaks(new UnsafeBuffer(payload), 0, payload.length))
        .isEqualTo(breaks)
        .isEqualTo(16);
  }

  @Test
  void textBeyondAsciiIsUtf8() {
    String text = "grüße, 世界 🎉";
    assertThat(body(text, text, -1, text))
        .isEqualTo(": publisher-id=" + text + "\nevent: " + text + "\ndata: " + text + "\n\n");
  }

  @Test
  void aSingleLineStandsUnchangedBehindItsPrefix() {
    UnsafeBuffer payload = new UnsafeBuffer("hello".getBytes(StandardCharsets.UTF_8));
    UnsafeBuffer buffer = new UnsafeBuffer(new byte[64]);
    int length = SseFrame.putSingleLineData(buffer, 3, payload, 1, 3);
    assertThat(buffer.getStringWithoutLengthUtf8(3, length)).isEqualTo("data: ell\n\n");
    assertThat(buffer.getStringWithoutLengthUtf8(3 + SseFrame.DATA_PREFIX_LENGTH, 3))
        .isEqualTo("ell");
  }

  @Property(tries = 1000)
  void decodingWhatWasEncodedGivesTheSameWithItsLineBreaksAsLf(
      @ForAll("texts") String data,
      @ForAll("lines") String type,
      @ForAll("lines") String publisherId,
      @ForAll boolean hasPublisherId,
      @ForAll int retry) {
    String id = hasPublisherId ? publisherId : null;
    int retryMs = Math.max(-1, retry);
    DecodedFrame decoded = decode(body(type, id, retryMs, data));
    assertThat(decoded.data()).isEqualTo(data.replaceAll("\r\n|\r|\n", "\n"));
    assertThat(decoded.type()).isEqualTo(type);
    assertThat(decoded.publisherId()).isEqualTo(id);
    assertThat(decoded.retryMs()).isEqualTo(retryMs);
  }

  @Property(tries = 1000)
  void aFrameHoldsNoFieldThatItsPublisherDidNotAskFor(
      @ForAll("texts") String data, @ForAll("lines") String type) {
    String body = body(type, null, -1, data);
    assertThat(body).endsWith("\n\n");
    List<String> lines = new ArrayList<>(List.of(body.split("\r\n|\n|\r", -1)));
    assertThat(lines.subList(lines.size() - 2, lines.size())).containsExactly("", "");
    lines = lines.subList(0, lines.size() - 2);
    assertThat(lines).as("no empty line ends the event early").doesNotContain("");
    if (!type.equals("message")) {
      assertThat(lines.remove(0)).isEqualTo("event: " + type);
    }
    assertThat(lines).allMatch(line -> line.startsWith("data: "));
    assertThat(lines).hasSize(data.split("\r\n|\n|\r", -1).length);
  }

  /** Data with all that could break out of a line. */
  @Provide
  Arbitrary<String> texts() {
    Arbitrary<String> parts =
        Arbitraries.oneOf(
            Arbitraries.of(
                "\n",
                "\r",
                "\r\n",
                "\n\n",
                "\r\r",
                "id: 1",
                "event: x",
                "data: ",
                "retry: 1",
                ":",
                " ",
                "\0",
                "\uFEFF",
                "\u0085",
                "\u2028",
                "é",
                "世",
                "🎉"),
            Arbitraries.strings().ascii().ofMaxLength(20));
    return parts.list().ofMaxSize(12).map(list -> String.join("", list));
  }

  /** What a publisher may give as type or id. */
  @Provide
  Arbitrary<String> lines() {
    return Arbitraries.strings()
        .all()
        .ofMinLength(1)
        .ofMaxLength(40)
        .map(s -> s.replaceAll("[\r\n\0]", "").replaceAll("[\\ud800-\\udfff]", ""))
        .filter(s -> !s.isEmpty());
  }
}
