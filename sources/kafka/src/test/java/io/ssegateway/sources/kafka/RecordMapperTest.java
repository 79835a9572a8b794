package io.ssegateway.sources.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.engine.frame.TraceContext;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** What a record's headers of the W3C trace context make of its message. */
class RecordMapperTest {
  private static final String PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  private final RecordMapper mapper =
      new RecordMapper(KafkaSourceOptions.builder("localhost:9").topics("t").build(), 100);

  private TraceContext traceOf(String... headers) throws BadRecordException {
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>("t", 0, 0, bytes("channel"), bytes("data"));
    for (int i = 0; i < headers.length; i += 2) {
      record.headers().add(headers[i], bytes(headers[i + 1]));
    }
    return mapper.map(record).traceContext();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void theTraceOfTheProducerIsThatOfTheMessage() throws Exception {
    assertThat(traceOf("traceparent", PARENT)).isEqualTo(new TraceContext(PARENT, null));
    assertThat(traceOf("traceparent", PARENT, "tracestate", "a=1"))
        .isEqualTo(new TraceContext(PARENT, "a=1"));
  }

  @Test
  void noneOrAnInvalidOneIsNone() throws Exception {
    assertThat(traceOf()).isNull();
    assertThat(traceOf("tracestate", "a=1")).isNull();
    assertThat(traceOf("traceparent", "nonsense")).isNull();
  }
}
