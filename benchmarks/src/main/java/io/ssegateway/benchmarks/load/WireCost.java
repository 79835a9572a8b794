package io.ssegateway.benchmarks.load;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.Reference;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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
  /**
   * Streams of one client, which are one connection's by HTTP/2. Fewer than a gateway lets a
   * connection have by default: over the server's limit the JDK's client opens no second
   * connection, but fails with "too many concurrent streams".
   */
  private static final int STREAMS_A_CLIENT = 100;

  private static final int PATIENCE_SECONDS = 30;

  @Option(names = "--url", defaultValue = "http://localhost:8080", description = "The gateway.")
  private URI url = URI.create("http://localhost:8080");

  @Option(names = "--pid", required = true, description = "The gateway's process.")
  private long pid;

  @Option(names = "--certificate", description = "The gateway's certificate, to be trusted.")
  private Path certificate = Path.of("");

  @Option(
      names = "--http2",
      description =
          "HTTP/2, one connection for 100 streams. By TLS only: without it the JDK's client begins"
              + " by an upgrade from HTTP/1.1, which the gateway does not offer.")
  private boolean http2;

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
    HttpClient.Builder builder = HttpClient.newBuilder().version(version());
    if (!certificate.toString().isEmpty()) {
      builder.sslContext(trusting(certificate));
    }
    return builder.build();
  }

  private HttpClient.Version version() {
    return http2 ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1;
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
    if (http2 && !"https".equals(url.getScheme())) {
      throw new IllegalArgumentException("--url: " + url + " (expected with --http2: https://…)");
    }
    LongAdder received = new LongAdder();
    List<HttpClient> clients = new ArrayList<>();
    for (int i = 0; i < streams; i += STREAMS_A_CLIENT) {
      HttpClient client = client();
      clients.add(client);
      open(client, 1, received); // alone, so that the others find its connection
      open(client, Math.min(STREAMS_A_CLIENT, streams - i) - 1, received);
    }
    try {
      measure(received);
    } finally {
      Reference.reachabilityFence(clients); // one that is collected ends its streams
    }
    return 0;
  }

  private void measure(LongAdder received) throws Exception {
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
  }

  /** Opens streams and waits until each has had its first bytes. */
  private void open(HttpClient client, int number, LongAdder received) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url.resolve("/sse/connect?channel_id=cost"));
    if (!acceptEncoding.isEmpty()) {
      request.header("Accept-Encoding", acceptEncoding);
    }
    CountDownLatch begun = new CountDownLatch(number);
    CompletableFuture<Void> failed = new CompletableFuture<>();
    for (int i = 0; i < number; i++) {
      var unused =
          client
              .sendAsync(request.build(), answer -> subscriber(answer, received, begun))
              .whenComplete(
                  (answer, e) -> {
                    if (e != null) {
                      failed.completeExceptionally(e);
                    }
                  });
    }
    CompletableFuture.anyOf(failed, CompletableFuture.runAsync(() -> awaitAll(begun)))
        .get(PATIENCE_SECONDS + 1, TimeUnit.SECONDS);
  }

  private static void awaitAll(CountDownLatch begun) {
    try {
      if (!begun.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException(begun.getCount() + " streams did not begin");
      }
    } catch (InterruptedException e) {
      throw new CompletionException(e);
    }
  }

  private HttpResponse.BodySubscriber<Void> subscriber(
      HttpResponse.ResponseInfo answer, LongAdder received, CountDownLatch begun) {
    if (answer.statusCode() != 200 || answer.version() != version()) {
      throw new IllegalStateException(
          "answer: "
              + answer.statusCode()
              + " by "
              + answer.version()
              + " (expected: 200 by "
              + version()
              + ")");
    }
    return BodySubscribers.fromSubscriber(new Discarding(received, begun));
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
