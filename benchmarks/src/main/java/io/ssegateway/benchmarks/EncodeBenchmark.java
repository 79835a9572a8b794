package io.ssegateway.benchmarks;

import io.ssegateway.engine.frame.EventId;
import io.ssegateway.engine.frame.SseFrame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
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

/** Writing one frame, id line and body, as the publisher and the journal thread do it. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {JvmAccess.OPEN_MISC, JvmAccess.NATIVE})
public class EncodeBenchmark {

  /** A payload and a buffer with room for its frame. */
  @State(Scope.Thread)
  @SuppressWarnings("NullAway.Init") // JMH sets parameters and calls setUp before all else
  public static class Frame {
    @Param({"64", "512", "8192"})
    int payloadBytes;

    /** Every how many bytes the payload has a line break; 0 for none. */
    @Param({"0", "80"})
    int lineLength;

    UnsafeBuffer payload;
    UnsafeBuffer buffer;
    byte[] idLinePrefix;
    long position;

    /** Makes them. */
    @Setup
    public void setUp() {
      StringBuilder text = new StringBuilder(Payloads.text(payloadBytes));
      for (int i = lineLength; lineLength > 0 && i < text.length(); i += lineLength) {
        text.setCharAt(i, '\n');
      }
      payload = new UnsafeBuffer(text.toString().getBytes(StandardCharsets.UTF_8));
      int breaks = SseFrame.countLineBreaks(payload, 0, payloadBytes);
      int body = SseFrame.maxBodyLength("price", null, null, payloadBytes, breaks);
      buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(EventId.MAX_ID_LINE_LENGTH + body));
      idLinePrefix = EventId.idLinePrefix("1a2b3c4d5e6f");
      position = 1_000_000;
    }
  }

  /** Looks for line breaks first, as a publish does, and writes the whole frame. */
  @Benchmark
  public int frame(Frame frame) {
    int at = EventId.putIdLine(frame.buffer, 0, frame.idLinePrefix, frame.position++);
    int breaks = SseFrame.countLineBreaks(frame.payload, 0, frame.payloadBytes);
    at += SseFrame.putFields(frame.buffer, at, "price", null, -1, null);
    at +=
        breaks == 0
            ? SseFrame.putSingleLineData(frame.buffer, at, frame.payload, 0, frame.payloadBytes)
            : SseFrame.putData(frame.buffer, at, frame.payload, 0, frame.payloadBytes);
    return at;
  }
}
