package io.ssegateway.benchmarks.storm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads many streams on one thread. An event's data is {@code <kind><number>:<ns>}, where ns is
 * when it was to be sent. Counts each stream's events, checks their order, and keeps the latencies
 * of live ones.
 */
final class StreamReader implements AutoCloseable {
  private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);

  /** A stream; owned by the reader's thread, except for the volatile count. */
  static final class Stream {
    private final String request;
    private final boolean measured;
    private final ByteBuffer carry = ByteBuffer.allocate(512);
    private long lastNumber;
    volatile int events;

    Stream(String query, boolean measured) {
      this.request = "GET /sse/connect?" + query + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
      this.measured = measured;
    }
  }

  private final InetSocketAddress gateway;
  private final Selector selector = Selector.open();
  private final ConcurrentLinkedQueue<Stream> toOpen = new ConcurrentLinkedQueue<>();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(256 * 1024);
  private final Thread thread = new Thread(this::run, "streams");
  private final AtomicInteger opened = new AtomicInteger();
  private final AtomicInteger closed = new AtomicInteger();
  private final AtomicInteger faults = new AtomicInteger();
  private final AtomicLong received = new AtomicLong();
  private long[] latencies = new long[1 << 20];
  private int latencyCount;
  private volatile @Nullable Throwable failure;
  private volatile boolean stopped;

  StreamReader(InetSocketAddress gateway) throws IOException {
    this.gateway = gateway;
    thread.setDaemon(true);
    thread.start();
  }

  void open(Stream stream) {
    toOpen.add(stream);
    selector.wakeup();
  }

  /** Streams that have got their first bytes. */
  int opened() {
    return opened.get();
  }

  /** Streams that ended, which none should. */
  int closed() {
    return closed.get();
  }

  /** Events that were missing, doubled or out of order. */
  int faults() {
    return faults.get();
  }

  long received() {
    return received.get();
  }

  /** The latencies of live events since the last call, in ns, sorted. */
  synchronized long[] takeLatencies() {
    long[] taken = Arrays.copyOf(latencies, latencyCount);
    latencyCount = 0;
    Arrays.sort(taken);
    return taken;
  }

  void check() {
    Throwable f = failure;
    if (f != null) {
      throw new IllegalStateException("the reading of streams failed", f);
    }
  }

  private void run() {
    try {
      while (!stopped) {
        for (int i = 0; i < 64; i++) { // a few at a time, so that the live ones are read meanwhile
          Stream stream = toOpen.poll();
          if (stream == null) {
            break;
          }
          connect(stream);
        }
        if (toOpen.isEmpty()) {
          selector.select(100);
        } else {
          selector.selectNow();
        }
        for (SelectionKey key : selector.selectedKeys()) {
          handle(key, (Stream) key.attachment());
        }
        selector.selectedKeys().clear();
      }
    } catch (IOException | RuntimeException e) {
      failure = e;
    }
  }

  private void connect(Stream stream) throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    boolean connected = channel.connect(gateway);
    channel.register(selector, connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT, stream);
    if (connected) {
      request(channel, stream);
    }
  }

  private static void request(SocketChannel channel, Stream stream) throws IOException {
    channel.write(ByteBuffer.wrap(stream.request.getBytes(StandardCharsets.US_ASCII)));
  }

  private void handle(SelectionKey key, Stream stream) throws IOException {
    SocketChannel channel = (SocketChannel) key.channel();
    if (key.isConnectable()) {
      channel.finishConnect();
      key.interestOps(SelectionKey.OP_READ);
      request(channel, stream);
      return;
    }
    buffer.clear();
    stream.carry.flip();
    buffer.put(stream.carry);
    stream.carry.clear();
    int read = channel.read(buffer);
    if (read < 0) {
      closed.incrementAndGet();
      key.cancel();
      channel.close();
      return;
    }
    buffer.flip();
    consume(stream, System.nanoTime());
  }

  private void consume(Stream stream, long now) {
    int lineStart = 0;
    for (int i = 0; i < buffer.limit(); i++) {
      if (buffer.get(i) != '\n') {
        continue;
      }
      if (startsWithData(lineStart, i)) {
        event(stream, lineStart + DATA.length, i, now);
      } else if (stream.events == 0 && buffer.get(lineStart) == ':') {
        opened.incrementAndGet();
      }
      lineStart = i + 1;
    }
    buffer.position(lineStart);
    stream.carry.put(buffer);
  }

  private boolean startsWithData(int from, int to) {
    if (to - from < DATA.length) {
      return false;
    }
    for (int k = 0; k < DATA.length; k++) {
      if (buffer.get(from + k) != DATA[k]) {
        return false;
      }
    }
    return true;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer thread
  private void event(Stream stream, int from, int to, long now) {
    long number = 0;
    int i = from;
    for (; i < to && buffer.get(i) != ':'; i++) {
      number = number * 10 + (buffer.get(i) - '0');
    }
    long sentNs = 0;
    for (i++; i < to; i++) {
      sentNs = sentNs * 10 + (buffer.get(i) - '0');
    }
    if (stream.lastNumber != 0 && number != stream.lastNumber + 1) {
      faults.incrementAndGet();
    }
    stream.lastNumber = number;
    stream.events++;
    received.incrementAndGet();
    if (stream.measured) {
      note(now - sentNs);
    }
  }

  private synchronized void note(long latencyNs) {
    if (latencyCount == latencies.length) {
      latencies = Arrays.copyOf(latencies, latencyCount * 2);
    }
    latencies[latencyCount++] = latencyNs;
  }

  @Override
  public void close() {
    stopped = true;
    selector.wakeup();
    try {
      thread.join();
      for (SelectionKey key : selector.keys()) {
        key.channel().close();
      }
      selector.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
