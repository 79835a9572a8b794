package io.ssegateway.benchmarks.load;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures what a delivery costs a gateway: see {@code --help}. */
@Command(
    name = "wire-cost",
    mixinStandardHelpOptions = true,
    description =
        "Opens streams of a running gateway on this machine, publishes at a rate and tells what"
            + " processor time the gateway's process took for a delivery.")
public final class WireCost implements Callable<Integer> {
  /** Below what a gateway lets one connection have by default. */
  private static final int STREAMS_A_CONNECTION = 100;

  @Option(names = "--url", defaultValue = "http://localhost:8080", description = "The gateway.")
  private URI url = URI.create("http://localhost:8080");

  @Option(names = "--pid", required = true, description = "The gateway's process.")
  private long pid;

  @Option(names = "--certificate", description = "The gateway's certificate, to be trusted.")
  private Path certificate = Path.of("");

  @Option(names = "--accept-encoding", defaultValue = "", description = "What to negotiate.")
  private String acceptEncoding = "";

  @Option(names = "--streams", defaultValue = "500", description = "Open streams.")
  private int streams;

  @Option(names = "--rate", defaultValue = "50", description = "Events a second.")
  private int rate;

  @Option(names = "--bytes", defaultValue = "200", description = "Bytes of an event's data.")
  private int bytes;

  @Option(names = "--seconds", defaultValue = "8", description = "Seconds to measure.")
  private int seconds;

  /** The entry point. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new WireCost()).execute(args));
  }

  private HttpClient client() throws IOException, GeneralSecurityException {
    HttpClient.Builder builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1);
    if (!certificate.toString().isEmpty()) {
      builder.sslContext(trusting(certificate));
    }
    return builder.build();
  }

  private static SSLContext trusting(Path file) throws IOException, GeneralSecurityException {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    try (InputStream in = Files.newInputStream(file)) {
      Certificate read = CertificateFactory.getInstance("X.509").generateCertificate(in);
      trusted.setCertificateEntry("gateway", read);
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  /** Counts bytes and throws them away. */
  private static final class Discarding implements Flow.Subscriber<List<ByteBuffer>> {
    private final LongAdder received;
    private final CountDownLatch begun;
    private boolean first = true;

    Discarding(LongAdder received, CountDownLatch begun) {
      this.received = received;
      this.begun = begun;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      for (ByteBuffer buffer : buffers) {
        received.add(buffer.remaining());
      }
      if (first) {
        first = false;
        begun.countDown();
      }
    }

    @Override
    public void onError(Throwable e) {
      System.err.println("a stream failed: " + e);
    }

    @Override
    public void onComplete() {
      System.err.println("a stream ended");
    }
  }

  @Override
  public Integer call() throws Exception {
    LongAdder received = new LongAdder();
    CountDownLatch begun = new CountDownLatch(streams);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url.resolve("/sse/connect?channel_id=cost"));
    if (!acceptEncoding.isEmpty()) {
      request.header("Accept-Encoding", acceptEncoding);
    }
    List<HttpClient> clients = new ArrayList<>(); // a client that is collected ends its streams
    for (int i = 0; i < streams; i++) {
      if (i % STREAMS_A_CONNECTION == 0) {
        clients.add(client());
      }
      var unused =
          clients
              .get(clients.size() - 1)
              .sendAsync(
                  request.build(), BodyHandlers.fromSubscriber(new Discarding(received, begun)));
      if (i % STREAMS_A_CONNECTION == 0) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500)); // one connection for all
      }
    }
    if (!begun.await(30, TimeUnit.SECONDS)) {
      throw new IllegalStateException(begun.getCount() + " streams did not begin");
    }
    HttpClient publisher = client();
    publish(publisher, Math.max(1, seconds / 2)); // until it is compiled
    long bytesBefore = received.sum();
    ProcessCost before = ProcessCost.of(List.of(pid));
    int events = publish(publisher, seconds);
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
    double cpuUs = (ProcessCost.of(List.of(pid)).cpuNs() - before.cpuNs()) / 1e3;
    long deliveries = (long) events * streams;
    System.out.printf(
        "%d deliveries, %.2f us of the gateway's processor time and %.0f bytes of body each%n",
        deliveries, cpuUs / deliveries, (double) (received.sum() - bytesBefore) / deliveries);
    return 0;
  }

  private int publish(HttpClient publisher, int forSeconds) throws Exception {
    int events = forSeconds * rate;
    long due = System.nanoTime();
    for (int i = 0; i < events; i++) {
      due += TimeUnit.SECONDS.toNanos(1) / rate;
      LockSupport.parkNanos(due - System.nanoTime());
      HttpResponse<String> answer =
          publisher.send(
              HttpRequest.newBuilder(url.resolve("/api/send"))
                  .POST(BodyPublishers.ofString(message(i), StandardCharsets.UTF_8))
                  .build(),
              BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IllegalStateException(answer.body());
      }
    }
    return events;
  }

  /** Something like a row of JSON, in which about half of the bytes say anything new. */
  private String message(int number) {
    StringBuilder data = new StringBuilder(bytes + 40);
    long random = number * 0x9E3779B97F4A7C15L;
    while (data.length() < bytes) {
      random = random * 6364136223846793005L + 1442695040888963407L;
      data.append("price:").append(Long.toString(random >>> 40, 10)).append(" volume:");
      data.append(random >>> 54).append(' ');
    }
    return "{\"channel_id\":\"cost\",\"data\":\"" + data.substring(0, bytes) + "\"}";
  }
}
