package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.ssegateway.engine.Message;
import io.ssegateway.transport.netty.testing.OptionalPrograms;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.StreamClient;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The process has no file descriptor left. */
class DescriptorsIT extends GatewayCase {

  @Test
  void whoComesWhenDescriptorsAreUsedUpIsServedLaterAndNobodyElseNotices() throws Exception {
    assumeTrue(kind != TransportKind.IO_URING, "Netty's io_uring asks again at once and logs it");
    if (!OptionalPrograms.has("prlimit")) {
      OptionalPrograms.missing("prlimit is not installed");
    }
    List<FileInputStream> fillers = new ArrayList<>();
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    Logger logger = (Logger) LoggerFactory.getLogger(LeanServer.class);
    logger.addAppender(log);
    String[] limits = limits();
    limit(highestDescriptor() + 100 + ":" + limits[1]); // io_uring asks when it begins to listen
    try {
      start();
      try (StreamClient healthy = StreamClient.listen(port, "channel_id=news")) {
        hear(healthy, "before"); // loads the classes that cannot be loaded later
        useUp(fillers);
        fillers.remove(fillers.size() - 1).close(); // for the client's own end
        RawClient late = RawClient.connect(port);
        late.send(StreamClient.request("channel_id=late"));
        late.timeout(1_200); // in which a server tries more than once
        try {
          late.answer(false);
          throw new AssertionError("a descriptor was left");
        } catch (SocketTimeoutException e) {
          // it waits in the backlog
        }
        hear(healthy, "meanwhile");
        release(fillers);

        late.timeout(10_000);
        StreamClient served = new StreamClient(late);
        served.next();
        gateway.publisher().publish(Message.of("late", "after"));
        assertThat(served.nextEvent().data()).isEqualTo("after");
        hear(healthy, "after");
        served.close();
      }
      if (kind == TransportKind.EPOLL) {
        assertThat(log.list)
            .extracting(ILoggingEvent::getFormattedMessage)
            .satisfiesExactly(
                line -> assertThat(line).startsWith("cannot accept a connection"),
                line -> assertThat(line).isEqualTo("connections are accepted again"));
      }
    } finally {
      logger.detachAppender(log);
      release(fillers);
      limit(limits[0] + ":" + limits[1]);
    }
  }

  private void hear(StreamClient client, String data) throws IOException {
    gateway.publisher().publish(Message.of("news", data));
    assertThat(client.nextEvent().data()).isEqualTo(data);
  }

  private static void useUp(List<FileInputStream> fillers) {
    try {
      for (int i = 0; i < 10_000; i++) {
        fillers.add(new FileInputStream("/dev/null"));
      }
    } catch (IOException e) {
      return;
    }
    throw new AssertionError("the limit does not hold");
  }

  private static void release(List<FileInputStream> fillers) throws IOException {
    for (FileInputStream filler : fillers) {
      filler.close();
    }
    fillers.clear();
  }

  private static int highestDescriptor() throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors
          .mapToInt(path -> Integer.parseInt(path.getFileName().toString()))
          .max()
          .orElseThrow();
    }
  }

  /** The soft and the hard limit of this process. */
  private static String[] limits() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/limits"))) {
      String[] fields =
          lines
              .filter(line -> line.startsWith("Max open files"))
              .findFirst()
              .orElseThrow()
              .split(" +", -1);
      return new String[] {fields[3], fields[4]};
    }
  }

  private static void limit(String softAndHard) throws Exception {
    String failure =
        OptionalPrograms.run(
            Path.of("."),
            List.of(
                "prlimit",
                "--pid",
                String.valueOf(ProcessHandle.current().pid()),
                "--nofile=" + softAndHard));
    assertThat(failure).isNull();
  }
}
