package io.ssegateway.benchmarks.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures a storm of reconnects: see {@code --help}. */
@Command(
    name = "replay-storm",
    mixinStandardHelpOptions = true,
    description =
        "Lets clients come back to a running gateway at once, each some events behind, while others"
            + " receive live events, and tells when all are live and what it cost the others.")
public final class ReplayStorm implements Callable<Integer> {
  private static final Pattern ID = Pattern.compile("\"id\":\"([^\"]+)\"");
  private static final int PUBLISH_BATCH = 500;

  @Option(names = "--port", defaultValue = "8080", description = "Port of the gateway on loopback.")
  private int port;

  @Option(names = "--clients", defaultValue = "10000", description = "Clients that come back.")
  private int clients;

  @Option(names = "--channels", defaultValue = "100", description = "Channels of those clients.")
  private int channels;

  @Option(names = "--behind", defaultValue = "100", description = "Events each of them has missed.")
  private int behind;

  @Option(
      names = "--live",
      defaultValue = "1000",
      description = "Clients that receive live events.")
  private int live;

  @Option(names = "--rate", defaultValue = "100", description = "Live events a second.")
  private int rate;

  @Option(names = "--calm", defaultValue = "8", description = "Seconds of calm before the storm.")
  private int calmSeconds;

  @Option(names = "--limit", defaultValue = "60", description = "Seconds after which to give up.")
  private int limitSeconds;

  private final Recorder latencies = new Recorder(TimeUnit.MINUTES.toNanos(5), 3);

  /** The entry point. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new ReplayStorm()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    InetSocketAddress gateway = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    List<String> cursors = publishHistory(gateway);
    try (StreamReader liveReader = new StreamReader(gateway);
        StreamReader stormReader = new StreamReader(gateway);
        OpenLoopPublisher publisher = new OpenLoopPublisher(Target.gateway(gateway), 1, rate, 0)) {
      for (int i = 0; i < live; i++) {
        liveReader.open(new Stream(Target.gateway(gateway).stream("c0"), latencies, true));
      }
      Waiting.until(
          limitMs(),
          () -> {
            liveReader.check();
            return liveReader.opened() >= live;
          },
          () -> "opened: " + liveReader.opened() + " (expected: " + live + ")");
      liveReader.measure(Long.MIN_VALUE, Long.MAX_VALUE);
      publisher.start();
      TimeUnit.SECONDS.sleep(calmSeconds);
      latencies.reset(); // warm now
      TimeUnit.SECONDS.sleep(calmSeconds);
      report("calm", latencies.getIntervalHistogram());

      List<Stream> streams = new ArrayList<>();
      long begin = System.nanoTime();
      for (int i = 0; i < clients; i++) {
        int channel = i % channels;
        Stream stream =
            new Stream(
                "/sse/connect?channel_id=storm-"
                    + channel
                    + "&last_event_id="
                    + cursors.get(channel),
                null,
                true);
        streams.add(stream);
        stormReader.open(stream);
      }
      awaitEvents(streams, stormReader, behind);
      long caughtUp = System.nanoTime();
      report("storm", latencies.getIntervalHistogram());
      publishMarkers(gateway);
      awaitEvents(streams, stormReader, behind + 1);
      publisher.stop(limitMs());
      if (publisher.firstRefusal() != null) {
        System.err.println("live publisher: " + publisher.firstRefusal());
      }
      long faults =
          liveReader.missing()
              + liveReader.told()
              + liveReader.doubled()
              + stormReader.missing()
              + stormReader.told()
              + stormReader.doubled();
      System.out.printf(
          "%d clients, each %d events behind: all have them after %.2f s; markers by live %.2f s"
              + " later; %d faults, %d closed%n",
          clients,
          behind,
          (caughtUp - begin) / 1e9,
          (System.nanoTime() - caughtUp) / 1e9,
          faults,
          liveReader.closed() + stormReader.closed());
      return faults == 0 ? 0 : 1;
    }
  }

  /** Publishes what the clients will have missed; answers the id before it of each channel. */
  private List<String> publishHistory(InetSocketAddress gateway) throws IOException {
    List<String> cursors = new ArrayList<>();
    try (Publisher publisher = new Publisher(gateway)) {
      for (int c = 0; c < channels; c++) {
        Matcher id = ID.matcher(publisher.send(message("storm-" + c, 1)));
        if (!id.find()) {
          throw new IOException("no id in the answer");
        }
        cursors.add(id.group(1));
      }
      StringBuilder batch = new StringBuilder();
      int inBatch = 0;
      for (int n = 2; n < behind + 2; n++) {
        for (int c = 0; c < channels; c++) {
          batch.append(message("storm-" + c, n)).append('\n');
          if (++inBatch == PUBLISH_BATCH) {
            publisher.send(batch.toString());
            batch.setLength(0);
            inBatch = 0;
          }
        }
      }
      if (inBatch > 0) {
        publisher.send(batch.toString());
      }
    }
    return cursors;
  }

  private void publishMarkers(InetSocketAddress gateway) throws IOException {
    try (Publisher publisher = new Publisher(gateway)) {
      for (int c = 0; c < channels; c++) {
        publisher.send(message("storm-" + c, behind + 2));
      }
    }
  }

  private static String message(String channel, long number) {
    long nowNs = System.nanoTime();
    return "{\"channel_id\":\"" + channel + "\",\"data\":\"" + number + ':' + nowNs + "\"}";
  }

  private void awaitEvents(List<Stream> streams, StreamReader reader, int count)
      throws InterruptedException {
    for (int i = 0; i < streams.size(); i++) {
      Stream stream = streams.get(i);
      int client = i;
      Waiting.until(
          limitMs(),
          () -> {
            reader.check();
            return stream.events >= count;
          },
          () -> "client " + client + " has " + stream.events + " events (expected: " + count + ")");
    }
  }

  private long limitMs() {
    return TimeUnit.SECONDS.toMillis(limitSeconds);
  }

  private static void report(String name, Histogram live) {
    if (live.getTotalCount() == 0) {
      System.out.println(name + ": no live event was received");
      return;
    }
    System.out.printf(
        "%s: %d live deliveries, p50 %.2f ms, p99 %.2f ms, max %.2f ms%n",
        name,
        live.getTotalCount(),
        live.getValueAtPercentile(50) / 1e6,
        live.getValueAtPercentile(99) / 1e6,
        live.getMaxValue() / 1e6);
  }
}
