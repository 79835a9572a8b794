package io.ssegateway.transport.netty;

import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listening socket of the epoll transport: hands each accepted descriptor to the next loop as a
 * {@link LeanSocket}. Runs on the first loop.
 *
 * <p>Options of the connections are set on the listening socket, from which Linux copies them.
 */
final class LeanServer implements EpollIoHandle {
  private static final Logger LOG = LoggerFactory.getLogger(LeanServer.class);
  private static final int BACKLOG = 4096;

  /** Few, so that a storm of new connections leaves the loop to those that are there. */
  private static final int ACCEPTS_A_ROUND = 16;

  private static final int PAUSE_MS = 500;
  private static final int IPPROTO_TCP = 6;
  private static final int TCP_USER_TIMEOUT = 18;

  /** What never happens to a listening socket. NONE would end the registration for good. */
  private static final EpollIoOps PAUSED = EpollIoOps.EPOLLRDHUP;

  private final List<LeanLoop> loops;
  private final Socket socket;
  private final byte[] address = new byte[26];
  private @Nullable IoRegistration registration;
  private int next;
  private boolean failing;

  LeanServer(List<LeanLoop> loops, InetSocketAddress bindTo, GatewayOptions options)
      throws IOException {
    this.loops = loops;
    this.socket = Socket.newSocketStream();
    try {
      socket.setReuseAddress(true);
      socket.setTcpNoDelay(true);
      if (options.sendBufferBytes() > 0) {
        socket.setSendBufferSize(options.sendBufferBytes());
      }
      if (options.userTimeoutMs() > 0) {
        socket.setIntOpt(IPPROTO_TCP, TCP_USER_TIMEOUT, options.userTimeoutMs());
      }
      socket.bind(bindTo);
      socket.listen(BACKLOG);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Begins to accept. */
  void start() {
    Future<IoRegistration> registered = loops.get(0).loop.register(this).awaitUninterruptibly();
    if (!registered.isSuccess()) {
      throw new IllegalStateException(
          "the listening socket was not registered", registered.cause());
    }
    registration = registered.getNow();
    listen();
  }

  private void listen() {
    IoRegistration r = registration;
    if (r != null && r.isValid()) {
      r.submit(EpollIoOps.EPOLLIN);
    }
  }

  InetSocketAddress localAddress() {
    return socket.localAddress();
  }

  @Override
  public FileDescriptor fd() {
    return socket;
  }

  /**
   * Accepts some connections, unless the next loop is behind with those it has and has live events
   * to deliver: then they wait in the backlog.
   */
  @Override
  public void handle(IoRegistration registered, IoEvent event) {
    long waitNs = Math.max(loops.get(0).pace().waitNs(), loops.get(next).pace().waitNs());
    if (waitNs > 0) {
      listenLater(registered, waitNs);
      return;
    }
    long began = loops.get(0).nanoTime();
    for (int i = 0; i < ACCEPTS_A_ROUND && accept(registered); i++) {
      // the next
    }
    loops.get(0).pace().spentSince(began);
  }

  /** Accepts a connection; false if there is none. */
  private boolean accept(IoRegistration registered) {
    int descriptor;
    try {
      descriptor = socket.accept(address);
    } catch (IOException e) {
      failed(registered, e);
      return false;
    }
    if (descriptor < 0) {
      return false;
    }
    if (failing) {
      failing = false;
      LOG.info("connections are accepted again");
    }
    LeanLoop loop = loops.get(next);
    next = next + 1 == loops.size() ? 0 : next + 1;
    begin(loop, descriptor);
    return true;
  }

  /** Descriptors are used up, as a rule: asking again at once would only burn the processor. */
  private void failed(IoRegistration registered, IOException e) {
    if (!failing) {
      failing = true;
      LOG.warn(
          "cannot accept a connection, trying again every {} ms: {}", PAUSE_MS, e.getMessage());
    }
    listenLater(registered, TimeUnit.MILLISECONDS.toNanos(PAUSE_MS));
  }

  private void listenLater(IoRegistration registered, long ns) {
    registered.submit(PAUSED);
    loops.get(0).loop.schedule(this::listen, ns, TimeUnit.NANOSECONDS);
  }

  private static void begin(LeanLoop loop, int descriptor) {
    LeanSocket accepted = new LeanSocket(loop, descriptor);
    loop.loop
        .register(accepted)
        .addListener(
            (Future<IoRegistration> registered) -> {
              if (registered.isSuccess()) {
                accepted.start(registered.getNow());
              } else {
                accepted.close();
              }
            });
  }

  @Override
  public void close() {
    IoRegistration r = registration;
    if (r != null) {
      r.cancel();
    }
    try {
      socket.close();
    } catch (IOException e) {
      LOG.debug("the listening socket is closed as far as it can be", e);
    }
  }
}
