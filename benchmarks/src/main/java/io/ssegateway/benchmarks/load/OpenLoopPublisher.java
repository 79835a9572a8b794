package io.ssegateway.benchmarks.load;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Publishes at a rate, whether the server keeps up or not: requests are due at fixed times, go out
 * without waiting for answers, and carry the time at which they were due. So a server that stalls
 * is seen to be late for all that came meanwhile (no coordinated omission).
 */
final class OpenLoopPublisher implements AutoCloseable {
  private final Target target;
  private final int channels;
  private final long stepNs;
  private final String padding;
  private final Socket socket;
  private final Thread writer = new Thread(this::write, "publisher");
  private final Thread reader = new Thread(this::read, "publisher-answers");
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong answered = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private volatile long startNs;
  private volatile @Nullable String firstRefusal;
  private volatile @Nullable IOException failure;
  private volatile boolean stopped;

  /**
   * Connects.
   *
   * @param channels events go to {@code c0}, {@code c1} and so on in turn, numbered in each from 1
   * @param rate events a second over all channels
   * @param payloadBytes of an event's data, at least
   */
  OpenLoopPublisher(Target target, int channels, int rate, int payloadBytes) throws IOException {
    this.target = target;
    this.channels = channels;
    this.stepNs = TimeUnit.SECONDS.toNanos(1) / rate;
    this.padding = "x".repeat(payloadBytes);
    this.socket = new Socket(target.address().getAddress(), target.address().getPort());
    socket.setTcpNoDelay(true);
    writer.setDaemon(true);
    reader.setDaemon(true);
  }

  void start() {
    startNs = System.nanoTime() + stepNs;
    writer.start();
    reader.start();
  }

  /** Ends the sending, and waits for the answers to all that was sent. */
  void stop(long timeoutMs) throws InterruptedException {
    stopped = true;
    writer.join();
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    while (answered.get() < sent.get() && failure == null && System.nanoTime() < deadline) {
      Thread.sleep(1);
    }
  }

  /** Events that were due within a span of {@link System#nanoTime}, once it is over. */
  long due(long fromNs, long toNs) {
    return numberAt(toNs) - numberAt(fromNs);
  }

  /** How many events are due before a time. */
  private long numberAt(long ns) {
    return ns <= startNs ? 0 : (ns - startNs + stepNs - 1) / stepNs;
  }

  /** Events that were not taken by the server. */
  long refused() {
    return refused.get();
  }

  /** The first answer that was not a success, or null. */
  @Nullable String firstRefusal() {
    IOException failed = failure;
    return failed == null ? firstRefusal : failed.toString();
  }

  private void write() {
    try {
      OutputStream out = socket.getOutputStream();
      for (long n = 0; !stopped; n++) {
        long dueNs = startNs + n * stepNs;
        for (long wait = dueNs - System.nanoTime(); wait > 0; wait = dueNs - System.nanoTime()) {
          LockSupport.parkNanos(wait);
        }
        String data = (n / channels + 1) + ":" + dueNs + ":";
        if (data.length() < padding.length()) {
          data += padding.substring(data.length());
        }
        out.write(target.publish("c" + n % channels, data).getBytes(StandardCharsets.US_ASCII));
        sent.incrementAndGet();
      }
    } catch (IOException e) {
      failure = e;
    }
  }

  private void read() {
    try {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      while (true) {
        HttpReply reply = HttpReply.read(in);
        if (reply == null) {
          return;
        }
        if (!reply.isSuccess()) {
          refused.incrementAndGet();
          if (firstRefusal == null) {
            firstRefusal = reply.toString();
          }
        }
        answered.incrementAndGet();
      }
    } catch (IOException e) {
      if (!stopped) {
        failure = e;
      }
    }
  }

  @Override
  public void close() throws IOException {
    stopped = true;
    socket.close();
  }
}
