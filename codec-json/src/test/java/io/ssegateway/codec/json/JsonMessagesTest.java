package io.ssegateway.codec.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ssegateway.codec.json.JsonMessages.Parsed;
import io.ssegateway.engine.Message;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonMessagesTest {
  private final JsonMessages messages = new JsonMessages(100);

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Parsed parse(String json) throws JsonMessageException {
    return messages.parse(utf8(json));
  }

  private Message one(String json) throws JsonMessageException {
    Parsed parsed = parse(json);
    assertThat(parsed.messages()).hasSize(1);
    return parsed.messages().get(0);
  }

  private String problem(String json) {
    return problem(utf8(json));
  }

  private String problem(byte[] json) {
    JsonMessageException e =
        catchThrowableOfType(JsonMessageException.class, () -> messages.parse(json));
    assertThat(e).as(new String(json, StandardCharsets.ISO_8859_1)).isNotNull();
    assertThat(e.reason()).isNotEqualTo(JsonMessageException.Reason.TOO_MANY);
    return e.detail();
  }

  @Test
  void everyFieldIsRead() throws Exception {
    Message message =
        one(
            "{\"channel_id\":\"a\",\"event_type\":\"tick\",\"data\":\"hello\","
                + "\"id\":\"p-1\",\"retry\":1500}");
    assertThat(message.channel()).isEqualTo("a");
    assertThat(message.type()).isEqualTo("tick");
    assertThat(message.data()).isEqualTo("hello");
    assertThat(message.id()).isEqualTo("p-1");
    assertThat(message.retryMs()).isEqualTo(1500);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"data\":\"x\"}",
        "{\"channel_id\":null,\"event_type\":null,\"data\":\"x\",\"id\":null,\"retry\":null}"
      })
  void whatIsAbsentOrNullIsTheDefault(String json) throws Exception {
    Message message = one(json);
    assertThat(message.channel()).isNull();
    assertThat(message.type()).isEqualTo("message");
    assertThat(message.id()).isNull();
    assertThat(message.retryMs()).isEqualTo(-1);
  }

  @Test
  void theOrderOfTheFieldsDoesNotMatter() throws Exception {
    assertThat(one("{\"retry\":0,\"data\":{\"a\":1},\"channel_id\":\"a\"}").data())
        .isEqualTo("{\"a\":1}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"channel_id\":1,\"data\":\"x\"}      | channel_id: 1 (expected: a string)",
        "{\"channel_id\":true,\"data\":\"x\"}   | channel_id: true (expected: a string)",
        "{\"channel_id\":[\"a\"],\"data\":\"x\"}| channel_id: [ (expected: a string)",
        "{\"channel_id\":{},\"data\":\"x\"}     | channel_id: { (expected: a string)",
        "{\"event_type\":1.5,\"data\":\"x\"}    | event_type: 1.5 (expected: a string)",
        "{\"event_type\":false,\"data\":\"x\"}  | event_type: false (expected: a string)",
        "{\"id\":true,\"data\":\"x\"}           | id: true (expected: a string",
        "{\"id\":[],\"data\":\"x\"}             | id: [ (expected: a string",
        "{\"retry\":\"5\",\"data\":\"x\"}       | retry: 5 (expected: ms from 0 to 2147483647)",
        "{\"retry\":-1,\"data\":\"x\"}          | retry: -1 (expected: ms from 0",
        "{\"retry\":1.0,\"data\":\"x\"}         | retry: 1.0 (expected: ms from 0",
        "{\"retry\":1e3,\"data\":\"x\"}         | retry: 1e3 (expected: ms from 0",
        "{\"retry\":2147483648,\"data\":\"x\"}  | retry: 2147483648 (expected: ms from 0",
        "{\"retry\":99999999999999999999,\"data\":\"x\"} | retry: 99999999999999999999 (expected",
        "{\"retry\":[],\"data\":\"x\"}          | retry: [ (expected: ms from 0",
        "{\"retry\":true,\"data\":\"x\"}        | retry: true (expected: ms from 0",
      })
  void aValueOfTheWrongTypeIsNamed(String json, String expected) {
    assertThat(problem(json)).contains(expected).contains(" at line 1, column ");
  }

  @Test
  void anIdMayBeANumberToTheLetter() throws Exception {
    assertThat(one("{\"id\":12345678901234567890123,\"data\":\"x\"}").id())
        .isEqualTo("12345678901234567890123");
    assertThat(one("{\"id\":1.50,\"data\":\"x\"}").id()).isEqualTo("1.50");
  }

  @Test
  void anUnknownFieldIsNamedWithThoseThatAreKnown() {
    assertThat(problem("{\"data\":\"x\",\"chanel_id\":\"a\"}"))
        .isEqualTo(
            "message 0: unknown field \"chanel_id\" (expected: channel_id, event_type, data, id,"
                + " retry) at line 1, column 25");
    assertThat(problem("{\"Data\":\"x\"}")).contains("unknown field \"Data\"");
  }

  @Test
  void aLongUnknownFieldIsCut() {
    assertThat(problem("{\"" + "f".repeat(40_000) + "\":1}"))
        .contains("unknown field \"fff")
        .hasSizeLessThan(300);
  }

  @ParameterizedTest
  @ValueSource(strings = {"channel_id", "event_type", "data", "id"})
  void aFieldGivenTwiceIsRefused(String field) {
    String json = "{\"data\":\"x\",\"FIELD\":\"1\",\"FIELD\":\"2\"}".replace("FIELD", field);
    assertThat(problem(json)).contains("message 0: field \"" + field + "\" given twice");
    assertThat(problem("{\"data\":\"x\",\"retry\":1,\"retry\":1}"))
        .contains("\"retry\" given twice");
  }

  @Test
  void aMessageWithoutDataIsRefused() {
    assertThat(problem("{}")).startsWith("message 0: no field \"data\"");
    assertThat(problem("[{\"data\":1},{\"channel_id\":\"a\"}]"))
        .startsWith("message 1: no field \"data\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"\"                         | ``",
        "\"a\\nb\\u00e9\"             | `a\nbé`",
        "null                         | null",
        "true                         | true",
        "false                        | false",
        "0                            | 0",
        "-0                           | -0",
        "1.10                         | 1.10",
        "1E+2                         | 1E+2",
        "123456789012345678901234567890.000 | 123456789012345678901234567890.000",
        "[ ]                          | []",
        "{ }                          | {}",
        "[ 1 , 2.50 , \"a b\" ]       | [1,2.50,\"a b\"]",
        "{ \"a\" : { \"b\" : [ 1e400 ] } } | {\"a\":{\"b\":[1e400]}}",
        "{\"a\":\" \\\" { } \\\\\"}   | {\"a\":\" \\\" { } \\\\\"}",
        "{\"a\":1,\"a\":2}            | {\"a\":1,\"a\":2}",
        "[\"é\",\"\\ud83c\\udf89\"]   | [\"é\",\"\\ud83c\\udf89\"]",
      })
  void dataIsAStringAsItIsOrCompactJsonToTheLetter(String data, String expected) throws Exception {
    assertThat(one("{\"data\": " + data + " }").data()).isEqualTo(expected);
    assertThat(one("{\n\t\"data\" :\r\n " + data + "\n}\n").data()).isEqualTo(expected);
  }

  @Test
  void everyKindOfBodyIsTold() throws Exception {
    assertThat(parse("{\"data\":1}").single()).isTrue();
    assertThat(parse(" {\"data\":1}\n").single()).isTrue();
    assertThat(parse("[{\"data\":1}]").single()).isFalse();
    assertThat(parse("[]")).isEqualTo(new Parsed(List.of(), false));
    assertThat(parse("{\"data\":1}\n{\"data\":2}\n").single()).isFalse();
  }

  @Test
  void arraysAndLinesKeepTheirOrder() throws Exception {
    String[] bodies = {
      "[{\"data\":\"1\"},{\"data\":\"2\"},{\"data\":\"3\"}]",
      "{\"data\":\"1\"}\n{\"data\":\"2\"}\n{\"data\":\"3\"}",
      "{\"data\":\"1\"}\r\n\r\n{\"data\":\"2\"}{\"data\":\"3\"}\n\n",
    };
    for (String body : bodies) {
      assertThat(parse(body).messages()).extracting(Message::data).containsExactly("1", "2", "3");
    }
  }

  @Test
  void oneBadMessageRefusesThemAllAndIsNumbered() {
    assertThat(problem("{\"data\":1}\n{\"data\":2}\n{\"date\":3}\n"))
        .startsWith("message 2: unknown field \"date\"")
        .endsWith("at line 3, column 9");
    assertThat(problem("[{\"data\":1},[]]")).startsWith("message 1: not a JSON object");
    assertThat(problem("{\"data\":1}\n2")).startsWith("message 1: not a JSON object");
    assertThat(problem("[{\"data\":1}] {\"data\":2}")).startsWith("something after the array");
  }

  @Test
  void whatTheEngineRefusesIsNumberedAndPlacedToo() {
    assertThat(problem("[{\"data\":1},{\"data\":1,\"event_type\":\"a\\nb\"}]"))
        .isEqualTo(
            "message 1: event_type: U+000A at index 1 (expected: no CR, LF or NUL)"
                + " at line 1, column 42");
    assertThat(problem("{\"data\":1,\"channel_id\":\"\"}"))
        .startsWith("message 0: channel: \"\" (expected: not empty)");
    assertThat(problem("{\"data\":1,\"channel_id\":\"\\ud800\"}"))
        .startsWith("message 0: channel: lone surrogate U+D800 at index 0");
    assertThat(problem("{\"data\":1,\"id\":\"\\u0000\"}")).startsWith("message 0: id: U+0000");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "{\"data\"",
        "{\"data\":",
        "{\"data\":1",
        "[",
        "[{\"data\":1}",
        "[{\"data\":1},",
        "{]",
        "{\"data\":1}}",
        "{\"data\":1},{\"data\":2}",
        "{data:1}",
        "{'data':1}",
        "{\"data\":01}",
        "{\"data\":NaN}",
        "{\"data\":+1}",
        "{\"data\":.5}",
        "{\"data\":1.}",
        "{\"data\":\"a\nb\"}",
        "{\"data\":\"\\x\"}",
        "{\"data\":\"\\u12\"}",
        "{\"data\":1,}",
        "[{\"data\":1},]",
        "// no\n{\"data\":1}",
        "{\"data\":tru}",
        "{\"data\":[1}",
        "\uFEFF{\"data\":1}",
        "hello"
      })
  void whatIsNoJsonIsRefusedWithItsPlace(String json) {
    assertThat(problem(json)).startsWith("malformed JSON at line ").contains(", column ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "\"text\"", "null", "true"})
  void aBodyThatIsNoObjectIsRefused(String json) {
    assertThat(problem(json)).startsWith("message 0: not a JSON object at line 1, column 1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\n\n\t"})
  void anEmptyBodyIsRefused(String json) {
    assertThat(problem(json))
        .isEqualTo("body: empty (expected: a JSON object, an array, or NDJSON)");
  }

  @Test
  void deepNestingIsRefusedAndOverflowsNoStack() throws Exception {
    assertThat(one("{\"data\":" + "[".repeat(200) + "]".repeat(200) + "}").dataLength())
        .isEqualTo(400);
    for (String open : new String[] {"[", "{\"a\":"}) {
      assertThat(problem("{\"data\":" + open.repeat(200_000))).startsWith("malformed JSON");
      assertThat(problem(open.repeat(200_000))).isNotEmpty();
    }
  }

  @Test
  void aVeryLongNumberIsRefused() {
    assertThat(problem("{\"retry\":" + "9".repeat(100_000) + ",\"data\":1}")).hasSizeLessThan(500);
    assertThat(problem("{\"id\":" + "9".repeat(100_000) + ",\"data\":1}")).hasSizeLessThan(500);
  }

  private static byte[] around(int... bytes) {
    return aroundIn("{\"data\":\"", "\"}", bytes);
  }

  private static byte[] aroundIn(String before, String after, int... bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(utf8(before));
    for (int b : bytes) {
      out.write(b);
    }
    out.writeBytes(utf8(after));
    return out.toByteArray();
  }

  @Test
  void bytesThatAreNoUtf8AreRefusedWhereverTheyStand() {
    int[][] bad = {
      {0x80}, // a continuation alone
      {0xC3}, // cut short
      {0xE2, 0x82}, // cut short
      {0xC0, 0x8A}, // LF, overlong
      {0xE0, 0x80, 0x8A}, // LF, overlong
      {0xED, 0xA0, 0x80}, // a surrogate
      {0xF4, 0x90, 0x80, 0x80}, // beyond Unicode
      {0xF8, 0x88, 0x80, 0x80, 0x80}, // five bytes
      {0xFF},
    };
    for (int[] bytes : bad) {
      problem(around(bytes));
      problem(aroundIn("{\"data\":[\"", "\"]}", bytes));
      problem(aroundIn("{\"data\":{\"", "\":1}}", bytes));
      problem(aroundIn("{\"data\":1,\"channel_id\":\"", "\"}", bytes));
      problem(aroundIn("{\"data\":1,\"event_type\":\"", "\"}", bytes));
      problem(aroundIn("{\"data\":1,\"", "\":1}", bytes));
      problem(aroundIn("{\"data\":1}", "", bytes));
    }
  }

  @Test
  void aLoneSurrogateInAStringBecomesAQuestionMark() throws Exception {
    assertThat(one("{\"data\":\"a\\ud800b\"}").data()).isEqualTo("a?b");
    assertThat(one("{\"data\":\"\\ud83c\\udf89\"}").data()).isEqualTo("🎉");
  }

  @Test
  void moreMessagesThanTheBoundAreToldApartFromBadOnes() {
    JsonMessages two = new JsonMessages(2);
    String line = "{\"data\":1}\n";
    assertThat(
            catchThrowableOfType(JsonMessageException.class, () -> two.parse(utf8(line.repeat(2)))))
        .isNull();
    JsonMessageException e =
        catchThrowableOfType(JsonMessageException.class, () -> two.parse(utf8(line.repeat(3))));
    assertThat(e.reason()).isEqualTo(JsonMessageException.Reason.TOO_MANY);
    assertThat(e.detail()).isEqualTo("messages: more than 2 in one request (expected: fewer)");
    assertThatThrownBy(() -> new JsonMessages(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxMessages: 0 (expected: > 0)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"data\":1,\"channel_id\":\"LONG\"}",
        "{\"data\":1,\"channel_id\":\"\"}",
        "{\"data\":1,\"channel_id\":\"a\\u0000\"}",
        "{\"data\":1,\"event_type\":\"LONG\"}",
        "{\"data\":1,\"event_type\":\"a\\nb\"}",
        "{\"data\":1,\"id\":\"LONG\"}"
      })
  void namesThatCannotBeAreToldApartFromWhatIsNoMessage(String json) {
    byte[] body = utf8(json.replace("LONG", "n".repeat(257)));
    JsonMessageException e =
        catchThrowableOfType(JsonMessageException.class, () -> messages.parse(body));
    assertThat(e.reason()).isEqualTo(JsonMessageException.Reason.NAME);
    assertThat(e.detail()).startsWith("message 0: ");
    e = catchThrowableOfType(JsonMessageException.class, () -> messages.parse(utf8("{\"x\":1}")));
    assertThat(e.reason()).isEqualTo(JsonMessageException.Reason.MALFORMED);
  }

  @Test
  void oneMessageTakesTheChannelThatTheTransportKnows() throws Exception {
    assertThat(messages.parseOne(utf8("{\"data\":1}"), "a").channel()).isEqualTo("a");
    assertThat(messages.parseOne(utf8("{\"data\":1}"), null).channel()).isNull();
    assertThat(messages.parseOne(utf8("{\"data\":1,\"channel_id\":\"b\"}"), "a").channel())
        .isEqualTo("b");
    assertThatThrownBy(() -> messages.parseOne(utf8("[{\"data\":1}]"), "a"))
        .isInstanceOf(JsonMessageException.class)
        .hasMessage("body: 1 messages (expected: one JSON object)");
    assertThatThrownBy(() -> messages.parseOne(utf8("[]"), "a"))
        .isInstanceOf(JsonMessageException.class);
  }
}
