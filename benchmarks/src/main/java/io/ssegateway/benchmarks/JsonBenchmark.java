package io.ssegateway.benchmarks;

import io.ssegateway.codec.json.JsonMessageException;
import io.ssegateway.codec.json.JsonMessages;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Reading the body of a publish: one object, and as many lines of NDJSON as a batch may have. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {JvmAccess.OPEN_MISC, JvmAccess.NATIVE})
public class JsonBenchmark {

  /** A body. */
  @State(Scope.Benchmark)
  @SuppressWarnings("NullAway.Init") // JMH sets parameters and calls setUp before all else
  public static class Body {
    @Param({"64", "512", "8192"})
    int payloadBytes;

    /** Messages of the body; more than one come as NDJSON. */
    @Param({"1", "100"})
    int messages;

    /** What {@code data} is. */
    @Param({"text", "object"})
    String data;

    JsonMessages reader;
    byte[] bytes;

    /** Makes it. */
    @Setup
    public void setUp() {
      String text = Payloads.text(payloadBytes);
      String value = data.equals("text") ? '"' + text + '"' : "{\"text\":\"" + text + "\",\"n\":1}";
      String line =
          "{\"channel_id\":\"channel-1\",\"event_type\":\"price\",\"data\":" + value + "}\n";
      bytes = line.repeat(messages).getBytes(StandardCharsets.UTF_8);
      reader = new JsonMessages(messages);
    }
  }

  /** Reads a whole body. */
  @Benchmark
  public JsonMessages.Parsed parse(Body body) throws JsonMessageException {
    return body.reader.parse(body.bytes);
  }
}
