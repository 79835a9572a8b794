package io.ssegateway.benchmarks.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/**
 * Reads many streams on one thread. An event's data is {@code <number>:<ns>}, and perhaps more
 * behind a colon; ns is when it was to be sent, by {@link System#nanoTime}. Counts, checks the
 * order, and tells how late each event is.
 */
final class StreamReader implements AutoCloseable {
  private static final byte[] DATA = {'d', 'a', 't', 'a', ':', ' '};
  private static final byte[] OK = {'H', 'T', 'T', 'P', '/', '1', '.', '1', ' ', '2', '0', '0'};
  private static final int OPENED_AT_ONCE = 64;

  private final InetSocketAddress server;
  private final Selector selector = Selector.open();
  private final ConcurrentLinkedQueue<Stream> toOpen = new ConcurrentLinkedQueue<>();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(256 * 1024);
  private final Thread thread = new Thread(this::run, "streams");
  private final AtomicInteger opened = new AtomicInteger();
  private final AtomicInteger closed = new AtomicInteger();
  private final AtomicLong missing = new AtomicLong();
  private final AtomicLong told = new AtomicLong();
  private final AtomicLong doubled = new AtomicLong();
  private volatile long measureFromNs = Long.MAX_VALUE;
  private volatile long measureToNs = Long.MAX_VALUE;
  private volatile long measured;
  private volatile @Nullable Throwable failure;
  private volatile boolean readsAll;
  private volatile boolean stopped;

  StreamReader(InetSocketAddress server) throws IOException {
    this.server = server;
    thread.setDaemon(true);
    thread.start();
  }

  void open(Stream stream) {
    toOpen.add(stream);
    selector.wakeup();
  }

  /** Streams whose answer has begun. */
  int opened() {
    return opened.get();
  }

  /** Streams that ended, which none should. */
  int closed() {
    return closed.get();
  }

  /** Events that were jumped over after the server had said so. */
  long told() {
    return told.get();
  }

  /** Events that were jumped over without a word. */
  long missing() {
    return missing.get();
  }

  /** Events that came again, or behind a later one. */
  long doubled() {
    return doubled.get();
  }

  /** From now on the events that were to be sent within these times are measured. */
  void measure(long fromNs, long toNs) {
    measured = 0;
    measureToNs = toNs;
    measureFromNs = fromNs;
  }

  /** Events that were measured. */
  long measured() {
    return measured;
  }

  /** Reads on with the streams that were not to be read. */
  void readAll() {
    readsAll = true;
    selector.wakeup();
  }

  /** Throws if the reading has failed. */
  void check() {
    Throwable f = failure;
    if (f != null) {
      throw new IllegalStateException("the reading of streams failed", f);
    }
  }

  private void run() {
    try {
      boolean held = true;
      while (!stopped) {
        for (int i = 0; i < OPENED_AT_ONCE; i++) { // so that the others are read meanwhile
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
        if (held && readsAll) {
          held = false;
          selector.keys().forEach(key -> key.interestOps(SelectionKey.OP_READ));
        }
      }
    } catch (IOException | RuntimeException e) {
      failure = e;
    }
  }

  private void connect(Stream stream) throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    if (!stream.isRead) {
      channel.setOption(StandardSocketOptions.SO_RCVBUF, 8 * 1024);
    }
    boolean connected = channel.connect(server);
    channel.register(selector, connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT, stream);
    if (connected) {
      channel.write(ByteBuffer.wrap(stream.request));
    }
  }

  private void handle(SelectionKey key, Stream stream) throws IOException {
    SocketChannel channel = (SocketChannel) key.channel();
    if (key.isConnectable()) {
      channel.finishConnect();
      key.interestOps(SelectionKey.OP_READ);
      channel.write(ByteBuffer.wrap(stream.request));
      return;
    }
    buffer.clear();
    ByteBuffer kept = stream.carry;
    if (kept != null && kept.hasRemaining()) {
      buffer.put(kept);
    }
    int read = channel.read(buffer);
    if (read < 0) {
      closed.incrementAndGet();
      key.cancel();
      channel.close();
      return;
    }
    buffer.flip();
    if (!stream.answered && buffer.remaining() >= OK.length) {
      requireOk();
      stream.answered = true;
      opened.incrementAndGet();
      if (!stream.isRead && !readsAll) {
        key.interestOps(0);
      }
    }
    consume(stream, System.nanoTime());
  }

  private void requireOk() {
    for (int i = 0; i < OK.length; i++) {
      if (buffer.get(i) != OK[i]) {
        byte[] head = new byte[Math.min(buffer.limit(), 300)];
        buffer.get(0, head);
        throw new IllegalStateException(
            "a stream was refused: " + new String(head, StandardCharsets.UTF_8));
      }
    }
  }

  private void consume(Stream stream, long now) {
    int lineStart = 0;
    for (int i = 0; i < buffer.limit(); i++) {
      if (buffer.get(i) != '\n') {
        continue;
      }
      if (startsWithData(lineStart, i)) {
        event(stream, lineStart + DATA.length, i, now);
      }
      lineStart = i + 1;
    }
    buffer.position(lineStart);
    stream.keep(buffer);
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
    if (from == to || !isDigit(from)) {
      stream.gapTold = true; // what a gateway says of a gap, or of an end
      return;
    }
    long number = 0;
    int i = from;
    for (; i < to && isDigit(i); i++) {
      number = number * 10 + (buffer.get(i) - '0');
    }
    long dueNs = 0;
    for (i++; i < to && isDigit(i); i++) {
      dueNs = dueNs * 10 + (buffer.get(i) - '0');
    }
    long expected = stream.lastNumber + 1;
    if (stream.lastNumber != 0 && number > expected) {
      (stream.gapTold ? told : missing).addAndGet(number - expected);
    } else if (number < expected && stream.lastNumber != 0) {
      doubled.incrementAndGet();
    }
    stream.gapTold = false;
    stream.lastNumber = Math.max(stream.lastNumber, number);
    stream.events++;
    if (dueNs >= measureFromNs && dueNs < measureToNs) {
      Recorder latencies = stream.latencies;
      if (latencies != null) {
        latencies.recordValue(Math.max(0, now - dueNs));
        measured++;
      }
    }
  }

  private boolean isDigit(int at) {
    byte b = buffer.get(at);
    return b >= '0' && b <= '9';
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
