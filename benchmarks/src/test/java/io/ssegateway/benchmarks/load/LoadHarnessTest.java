package io.ssegateway.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.ssegateway.transport.netty.Gateway;
import io.ssegateway.transport.netty.GatewayOptions;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import javax.imageio.ImageIO;
import org.HdrHistogram.Recorder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class LoadHarnessTest {
  @TempDir Path directory;

  @Test
  void everyDeliveryOfARealServerIsCountedAndReported() throws Exception {
    try (Gateway gateway =
        Gateway.builder().options(GatewayOptions.DEFAULTS.toBuilder().port(0).build()).build()) {
      gateway.start();
      String url = "http://127.0.0.1:" + gateway.port();
      int exit =
          new CommandLine(new LoadHarness())
              .execute(
                  "--server",
                  "name=embedded;stream="
                      + url
                      + "/sse/connect?channel_id={channel};publish="
                      + url
                      + "/api/send;type=application/json;"
                      + "body={\"channel_id\":\"{channel}\",\"data\":\"{data}\"};pid="
                      + ProcessHandle.current().pid(),
                  "--no-nchan",
                  "--rows=20x200,20x200@4:64,20x100/50",
                  "--rounds=1",
                  "--warm-up-rounds=1",
                  "--warm-up=0.2",
                  "--seconds=0.5",
                  "--memory=10,40",
                  "--settle=0",
                  "--ceiling=10x50",
                  "--ceiling-p99-ms=0.0000001",
                  "--out=" + directory);
      // no server is within a bound of nothing, which the harness must not hide
      assertThat(exit).isNotZero();
    }

    assertThat(numbers("expected")).containsExactly(2_000L, 500L, 500L);
    assertThat(numbers("delivered")).containsExactly(2_000L, 500L, 500L);
    assertThat(numbers("missing")).containsOnly(0L);
    assertThat(numbers("doubled")).containsOnly(0L);
    String report = Files.readString(directory.resolve("benchmarks.md"));
    assertThat(report).contains("| 20 x 200/s | embedded |", "| embedded | 40 |");
    assertThat(numbers("settled_kb")).hasSize(2).allMatch(kb -> kb > 0);
    for (String plot : List.of("latency-1.png", "latency-3.png", "memory.png")) {
      assertThat(report).contains("](benchmarks/" + plot + ")");
      assertThat(ImageIO.read(directory.resolve("benchmarks").resolve(plot).toFile())).isNotNull();
    }
  }

  @Test
  void memoryIsToldBeforeAndAfterItIsGivenBack() throws Exception {
    Iterator<Long> residentKb = List.of(100_000L, 100_000L, 90_000L, 80_000L).iterator();
    Server server =
        new Server() {
          private ProcessCost last = new ProcessCost(0, 0);

          @Override
          public String name() {
            return "scripted";
          }

          @Override
          public Target target() {
            throw new UnsupportedOperationException("no stream is opened");
          }

          @Override
          public List<Long> pids() {
            return List.of();
          }

          @Override
          public ProcessCost cost() {
            last = residentKb.hasNext() ? new ProcessCost(0, residentKb.next()) : last;
            return last;
          }

          @Override
          public void close() {}
        };
    try (ServerSocket unused = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        StreamReader reader =
            new StreamReader((InetSocketAddress) unused.getLocalSocketAddress())) {
      MemoryPoint atOnce = MemoryPoint.measure(server, reader, 0, 0, 0);
      assertThat(atOnce.openedKb()).isEqualTo(100_000);
      assertThat(atOnce.settledKb()).isEqualTo(100_000);

      MemoryPoint settled = MemoryPoint.measure(server, reader, 0, 0, 2);
      assertThat(settled.openedKb()).isEqualTo(90_000);
      assertThat(settled.settledKb()).isEqualTo(80_000);
    }
  }

  private List<Long> numbers(String field) throws Exception {
    List<Long> numbers = new ArrayList<>();
    try (JsonParser json =
        new JsonFactory().createParser(directory.resolve("benchmarks/results.json").toFile())) {
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        if (token == JsonToken.FIELD_NAME && json.currentName().equals(field)) {
          json.nextToken();
          numbers.add(json.getLongValue());
        }
      }
    }
    return numbers;
  }

  @Test
  void whatIsMissingDoubledLateOrEndedIsSeen() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        StreamReader reader =
            new StreamReader((InetSocketAddress) server.getLocalSocketAddress())) {
      Recorder latencies = new Recorder(3);
      reader.measure(1_000, Long.MAX_VALUE);
      Stream stream = new Stream("/any", latencies, true);
      reader.open(stream);
      try (Socket socket = server.accept()) {
        OutputStream out = socket.getOutputStream();
        out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        long late = System.nanoTime() - 2_000_000_000L;
        for (String data :
            List.of(
                "1:5:", // due before the time measured
                "2:" + late + ":x",
                "4:" + late,
                "4:" + late,
                "{\"gap\":true}",
                "9:" + late)) {
          String frame = "id: a\ndata: " + data + "\n\n";
          // in two pieces, since a line may come in any
          out.write(frame.substring(0, 14).getBytes(StandardCharsets.US_ASCII));
          out.flush();
          out.write(frame.substring(14).getBytes(StandardCharsets.US_ASCII));
          out.flush();
        }
      }
      Waiting.until(10_000, () -> reader.closed() == 1, () -> "the end was not seen");

      reader.check();
      assertThat(reader.missing()).isEqualTo(1);
      assertThat(reader.told()).isEqualTo(4);
      assertThat(reader.doubled()).isEqualTo(1);
      assertThat(reader.measured()).isEqualTo(4);
      assertThat(stream.events).isEqualTo(5);
      assertThat(latencies.getIntervalHistogram().getMinNonZeroValue())
          .isGreaterThanOrEqualTo(1_990_000_000L);
    }
  }

  @Test
  void aWrongRowAndAWrongServerAreNamed() {
    assertThatThrownBy(() -> Row.parse("1000"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("row: 1000 (expected: " + Row.FORMAT);
    assertThatThrownBy(() -> Row.parse("10x10@3")).hasMessageContaining("on 3 channels");
    assertThatThrownBy(() -> Row.parse("10x10/95")).hasMessageContaining("95 %");
    assertThatThrownBy(() -> RunningServer.parse("name=a;stream=http://h:1/"))
        .hasMessageContaining(RunningServer.FORMAT);
    assertThatThrownBy(() -> RunningServer.parse("name=a;stream=h;publish=h"))
        .hasMessageContaining("url: h");
  }
}
