package io.ssegateway.transport.netty.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Very many streams on one thread, each of which may stop reading, vanish and come back. Callbacks
 * come on the swarm's thread, where {@link #execute} runs things too.
 */
public final class StreamSwarm implements AutoCloseable {

  /** What a member's owner hears. An exception ends the swarm, and is thrown by {@link #close}. */
  public interface Listener {
    /** A block is complete. */
    void onBlock(SseBlock block);

    /** The server ended the stream, or never began it; the status is 0 if it did not tell. */
    default void onEnd(int status) {
      throw new AssertionError("the server ended a stream, status " + status);
    }
  }

  private final Selector selector;
  private final Thread thread;
  private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private volatile boolean closed;

  /** Starts the thread. */
  public StreamSwarm() throws IOException {
    selector = Selector.open();
    thread = new Thread(this::run, "stream-swarm");
    thread.setDaemon(true);
    thread.start();
  }

  /** Runs something on the swarm's thread. */
  public void execute(Runnable task) {
    tasks.add(task);
    selector.wakeup();
  }

  /** The first exception of a callback, or null. */
  public Throwable failure() {
    return failure.get();
  }

  /**
   * Opens a stream.
   *
   * @param receiveBuffer bytes of the socket's receive buffer, or 0 for what the system gives
   * @param request the request's text
   */
  public Member open(int port, int receiveBuffer, String request, Listener listener) {
    Member member = new Member(request, listener);
    execute(() -> member.connect(port, receiveBuffer));
    return member;
  }

  /** One stream. Every method is for the swarm's thread. */
  public final class Member {
    private final ByteBuffer request;
    private final Listener listener;
    private final SseParser parser = new SseParser();
    private final StringBuilder head = new StringBuilder();
    private SocketChannel socket;
    private SelectionKey key;
    private boolean headDone;
    private boolean gone;

    private Member(String request, Listener listener) {
      this.request = ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8));
      this.listener = listener;
    }

    private void connect(int port, int receiveBuffer) {
      if (gone) {
        return;
      }
      try {
        socket = SocketChannel.open();
        socket.configureBlocking(false);
        if (receiveBuffer > 0) {
          socket.setOption(StandardSocketOptions.SO_RCVBUF, receiveBuffer);
        }
        boolean connected =
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        key = socket.register(selector, SelectionKey.OP_CONNECT, this);
        if (connected) {
          begin();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void begin() throws IOException {
      socket.write(request);
      if (request.hasRemaining()) {
        throw new IOException("a request did not fit into the socket");
      }
      key.interestOps(SelectionKey.OP_READ);
    }

    /** Sends more, as long as the connection stands. */
    public void send(String more) {
      if (socket == null || !socket.isConnected()) {
        return;
      }
      try {
        socket.write(ByteBuffer.wrap(more.getBytes(StandardCharsets.UTF_8)));
      } catch (IOException e) {
        // the end is seen by whoever reads
      }
    }

    /** Stops reading. */
    public void pause() {
      if (key != null && key.isValid() && headDone) {
        key.interestOps(0);
      }
    }

    /** Reads again. */
    public void resume() {
      if (key != null && key.isValid() && headDone) {
        key.interestOps(SelectionKey.OP_READ);
      }
    }

    /** Ends the connection without a word; nothing more is heard of it. */
    public void vanish() {
      gone = true;
      try {
        if (socket != null) {
          socket.close();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void ready() throws IOException {
      if (key.isConnectable()) {
        socket.finishConnect();
        begin();
        return;
      }
      buffer.clear();
      int n;
      try {
        n = socket.read(buffer);
      } catch (IOException e) {
        n = -1; // reset
      }
      buffer.flip();
      if (n < 0) {
        socket.close();
        listener.onEnd(status());
        return;
      }
      if (!headDone) {
        readHead();
      }
      if (headDone) {
        parser.feed(
            buffer,
            block -> {
              if (!gone) {
                listener.onBlock(block);
              }
            });
      }
    }

    private void readHead() {
      while (buffer.hasRemaining() && !headDone) {
        head.append((char) buffer.get());
        int length = head.length();
        headDone = length > 4 && head.charAt(length - 1) == '\n' && head.charAt(length - 3) == '\n';
      }
      if (headDone && status() != 200) {
        headDone = false;
        buffer.position(buffer.limit());
      }
    }

    private int status() {
      return head.length() < 12 ? 0 : Integer.parseInt(head.substring(9, 12));
    }
  }

  private void run() {
    try {
      while (!closed) {
        selector.select(
            key -> {
              try {
                ((Member) key.attachment()).ready();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            },
            50);
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
          task.run();
        }
      }
    } catch (Throwable e) {
      failure.set(e);
    } finally {
      closeAll();
    }
  }

  private void closeAll() {
    for (SelectionKey key : selector.keys()) {
      ((Member) key.attachment()).vanish();
    }
    try {
      selector.close();
    } catch (IOException e) {
      failure.compareAndSet(null, e);
    }
  }

  /**
   * Ends all streams.
   *
   * @throws AssertionError if a callback failed
   */
  @Override
  public void close() {
    closed = true;
    selector.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Throwable e = failure.get();
    if (e != null) {
      throw new AssertionError("the swarm failed", e);
    }
  }
}
