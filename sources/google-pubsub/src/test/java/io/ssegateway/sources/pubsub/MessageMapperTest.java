package io.ssegateway.sources.pubsub;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.pubsub.v1.PubsubMessage;
import io.ssegateway.engine.frame.TraceContext;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the attributes that Pub/Sub's client libraries set for a trace make of the message. */
class MessageMapperTest {
  private static final String PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  private static TraceContext traceOf(Map<String, String> attributes) throws BadMessageException {
    return new MessageMapper(false, 100)
        .map(PubsubMessage.newBuilder().putAllAttributes(attributes).build())
        .traceContext();
  }

  @Test
  void theTraceOfThePublisherIsThatOfTheMessage() throws Exception {
    assertThat(traceOf(Map.of("googclient_traceparent", PARENT)))
        .isEqualTo(new TraceContext(PARENT, null));
    assertThat(traceOf(Map.of("googclient_traceparent", PARENT, "googclient_tracestate", "a=1")))
        .isEqualTo(new TraceContext(PARENT, "a=1"));
  }

  @Test
  void noneOrAnInvalidOneIsNone() throws Exception {
    assertThat(traceOf(Map.of())).isNull();
    assertThat(traceOf(Map.of("googclient_traceparent", "nonsense"))).isNull();
  }
}
