package io.ssegateway.codec.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.engine.Message;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class JsonMessagesPropertiesTest {
  private final JsonMessages messages = new JsonMessages(10);

  /** Parses, and lets nothing but the documented exception pass for a refusal. */
  private List<Message> parse(byte[] body) {
    try {
      return messages.parse(body).messages();
    } catch (JsonMessageException e) {
      assertThat(e.detail()).isNotBlank();
      return List.of();
    }
  }

  @Property(tries = 2000)
  void noBytesMakeItThrowAnythingElse(@ForAll byte[] body) {
    assertThat(parse(body)).hasSizeLessThanOrEqualTo(10);
  }

  @Property(tries = 3000)
  void noAlmostJsonMakesItThrowAnythingElse(@ForAll("almostJson") String body) {
    assertThat(parse(body.getBytes(StandardCharsets.UTF_8))).hasSizeLessThanOrEqualTo(10);
  }

  @Property(tries = 2000)
  void noSpoiltMessageMakesItThrowAnythingElse(@ForAll byte spoil, @ForAll int place) {
    byte[] body =
        ("{\"channel_id\":\"grüße\",\"event_type\":\"t\",\"data\":{\"a\":[1.5e3,null,\"\\u00e9\"]},"
                + "\"id\":7,\"retry\":100}\n{\"data\":true}")
            .getBytes(StandardCharsets.UTF_8);
    body[Math.floorMod(place, body.length)] = spoil;
    assertThat(parse(body)).hasSizeLessThanOrEqualTo(2);
  }

  @Property(tries = 1000)
  void aStringComesOutAsItWentIn(@ForAll("texts") String text) throws JsonMessageException {
    StringBuilder escaped = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean plain = c >= ' ' && c != '"' && c != '\\';
      escaped.append(plain ? String.valueOf(c) : String.format("\\u%04x", (int) c));
    }
    byte[] body = ("{\"data\":\"" + escaped + "\"}").getBytes(StandardCharsets.UTF_8);
    assertThat(messages.parse(body).messages().get(0).data()).isEqualTo(text);
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.strings()
        .all()
        .ofMaxLength(60)
        .map(s -> s.replaceAll("[\\ud800-\\udfff]", ""));
  }

  @Provide
  Arbitrary<String> almostJson() {
    return Arbitraries.of(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"data\":",
            "\"channel_id\":",
            "\"id\":",
            "\"retry\":",
            "\"event_type\":",
            "\"x\"",
            "1",
            "-",
            "1e9",
            "null",
            "true",
            " ",
            "\n",
            "\\",
            "\"",
            "\\ud800",
            "{\"data\":1}",
            "é")
        .list()
        .ofMaxSize(25)
        .map(parts -> String.join("", parts));
  }
}
