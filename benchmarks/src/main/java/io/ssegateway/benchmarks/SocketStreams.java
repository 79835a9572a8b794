package io.ssegateway.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Streams over loopback sockets, which one thread reads and counts, and does nothing else with. */
final class SocketStreams implements AutoCloseable {
  private static final long TIMEOUT_NS = 60_000_000_000L;

  /** What stands at the end of an event in a stream's bytes, of which some came before. */
  private static final class Tail {
    byte last;
  }

  private final Selector selector;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(256 * 1024);
  private final Thread thread = new Thread(this::run, "socket-streams");
  private volatile long frames;
  private volatile @Nullable Exception failure;
  private volatile boolean stopped;

  /** Opens streams of a channel and waits until each has got its first frame. */
  SocketStreams(int port, String channel, int count) {
    byte[] request =
        ("GET /sse/connect?channel_id=" + channel + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    try {
      selector = Selector.open();
      for (int i = 0; i < count; i++) {
        SocketChannel socket =
            SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.write(ByteBuffer.wrap(request));
        socket.configureBlocking(false);
        socket.register(selector, SelectionKey.OP_READ, new Tail());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    thread.setDaemon(true);
    thread.start();
    await(count);
  }

  /** Frames that all streams together have got. */
  long frames() {
    return frames;
  }

  /** Waits until all streams together have got so many frames. */
  void await(long count) {
    long deadline = System.nanoTime() + TIMEOUT_NS;
    while (frames < count) {
      Exception failed = failure;
      if (failed != null || System.nanoTime() > deadline) {
        throw new IllegalStateException("frames: " + frames + " (expected: " + count + ")", failed);
      }
      LockSupport.parkNanos(1_000);
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer thread
  private void run() {
    try {
      while (!stopped) {
        selector.select();
        long seen = 0;
        for (SelectionKey key : selector.selectedKeys()) {
          buffer.clear();
          if (((SocketChannel) key.channel()).read(buffer) < 0) {
            throw new IOException("a stream was ended");
          }
          buffer.flip();
          seen += count((Tail) key.attachment());
        }
        selector.selectedKeys().clear();
        frames += seen;
      }
    } catch (IOException e) {
      failure = e;
    }
  }

  private int count(Tail tail) {
    int seen = 0;
    byte last = tail.last;
    while (buffer.hasRemaining()) {
      byte b = buffer.get();
      if (b == '\n' && last == '\n') {
        seen++;
      }
      last = b;
    }
    tail.last = last;
    return seen;
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
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
