package io.ssegateway.engine.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples and the rules of W3C Trace Context, sections 3.2 and 3.3. */
class TraceContextTest {
  private static final String PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  @Test
  void whatIsValidIsKeptAsItIs() {
    TraceContext trace = TraceContext.parse(PARENT, "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7");

    assertThat(trace)
        .isEqualTo(new TraceContext(PARENT, "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7"));
    assertThat(trace.traceId()).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
    String flags = PARENT.substring(0, 53) + "fe";
    assertThat(TraceContext.parse(flags, null).traceparent()).isEqualTo(flags);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", // not in version 00
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-011",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", // never a version
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more",
        "0-04bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", // upper case
        "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7_01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
        " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\n",
        "00-４bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", // a wide digit
      })
  void whatIsInvalidIsNoTrace(String traceparent) {
    assertThat(TraceContext.parse(traceparent, "a=b")).isNull();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TraceContext(traceparent, null))
        .withMessageStartingWith("traceparent: ");
  }

  @ParameterizedTest
  @CsvSource({
    "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01, 01",
    "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-02-what-will-be, 00",
    "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff-, 01",
  })
  void ofALaterVersionIsReadWhatThisOneKnows(String traceparent, String flags) {
    assertThat(TraceContext.parse(traceparent, null).traceparent())
        .isEqualTo(PARENT.substring(0, 53) + flags);
    assertThatIllegalArgumentException().isThrownBy(() -> new TraceContext(traceparent, null));
  }

  @Test
  void aStateThatIsInvalidOrTooLongIsLeftOut() {
    for (String state : new String[] {"", " ", "a=\u00e4", "a=b\nc=d", "a=" + "x".repeat(511)}) {
      assertThat(TraceContext.parse(PARENT, state)).isEqualTo(new TraceContext(PARENT, null));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new TraceContext(PARENT, state))
          .withMessageStartingWith("tracestate: ");
    }
    assertThat(TraceContext.parse(null, "a=b")).isNull();
  }
}
