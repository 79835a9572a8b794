package io.ssegateway.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.Errors;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.ssegateway.engine.CloseReason;
import io.ssegateway.engine.Connection;
import io.ssegateway.engine.Outlet;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A stream as a bare I/O handle on Netty's epoll loop: a socket, and the bytes it owes. A Netty
 * channel with its pipeline, configuration, outbound buffer and addresses takes ten times the
 * memory, and touching it costs each delivery cache misses.
 *
 * <pre>
 *   accepted ──whole plain GET /sse/connect──▶ [waiting] ──▶ stream ──▶ closed
 *      │                                          └──refused──▶ answered, closed
 *      └──────anything else──▶ an ordinary channel on the same descriptor
 * </pre>
 *
 * Owned by its event loop.
 */
final class LeanSocket implements EpollIoHandle, Outlet, SweptConnection {
  private static final EpollIoOps READ = EpollIoOps.EPOLLIN.with(EpollIoOps.EPOLLRDHUP);
  private static final EpollIoOps READ_WRITE = READ.with(EpollIoOps.EPOLLOUT);
  private static final int LINGER_MS = 2_000;

  /** {@code ETIMEDOUT} of Linux, which the kernel reports when TCP_USER_TIMEOUT is over. */
  private static final int TIMED_OUT = 110;

  private final LeanLoop shared;
  private final Socket socket;
  private @Nullable IoRegistration registration;
  private @Nullable Connection connection;
  private Admission.@Nullable Place place;
  private @Nullable AccessRecord record;

  /**
   * Whom a proxy speaks for: as an address until there is a request, then for people to read; null
   * if none does.
   */
  private @Nullable Object told;

  /** Bytes not sent yet; while the stream begins, its head. */
  private @Nullable ByteBuf pending;

  private EpollIoOps submitted = READ;
  private @Nullable StreamEncoder encoder;
  private boolean corked;

  /** Whether it is to be decided first what the client may do. */
  private boolean waiting;

  private boolean closing;
  private boolean closed;

  /** Index in the sweep until the request is there; then -1. */
  private int sweepIndex = -1;

  private int deadlineTick;

  LeanSocket(LeanLoop shared, int descriptor) {
    this.shared = shared;
    this.socket = new Socket(descriptor);
  }

  /** Begins to listen for the request. */
  void start(IoRegistration registered) {
    registration = registered;
    if (shared.connections.admission.requiresProxyHeader()
        && !shared.connections.admission.trusts(socket.remoteAddress())) {
      refuseProxy();
      return;
    }
    deadlineTick = shared.connections.tickAfter(shared.options.headerTimeoutMs());
    shared.connections.add(this);
    registered.submit(READ);
  }

  @Override
  public FileDescriptor fd() {
    return socket;
  }

  @Override
  public void handle(IoRegistration registered, IoEvent event) {
    EpollIoOps ops = ((EpollIoEvent) event).ops();
    if (ops.contains(EpollIoOps.EPOLLERR)) {
      fail(socketError());
      return;
    }
    if (ops.contains(EpollIoOps.EPOLLOUT)) {
      flush();
    }
    if (!closed && (ops.contains(EpollIoOps.EPOLLIN) || ops.contains(EpollIoOps.EPOLLRDHUP))) {
      if (connection == null) {
        readRequest();
      } else {
        read();
      }
    }
  }

  private CloseReason socketError() {
    try {
      return socket.getSoError() == TIMED_OUT ? CloseReason.PEER_DEAD : CloseReason.CLIENT;
    } catch (IOException e) {
      return CloseReason.ERROR;
    }
  }

  // ---- reading ----

  private void readRequest() {
    long began = shared.nanoTime();
    read();
    if (connection != null) {
      shared.pace().spentSince(began);
    }
  }

  private void read() {
    ByteBuf buffer = shared.readBuffer();
    int read;
    try {
      read = socket.recvAddress(buffer.memoryAddress(), 0, buffer.capacity());
    } catch (IOException e) {
      fail(reasonOf(e));
      return;
    }
    if (read < 0) {
      fail(CloseReason.CLIENT); // the end of the client's side ends the stream
      return;
    }
    if (read == 0 || connection != null || waiting || closing) {
      return; // a client has nothing to say on its stream
    }
    buffer.setIndex(0, read);
    if (told == null && shared.connections.admission.requiresProxyHeader()) {
      ProxyHeader.Outcome outcome =
          ProxyHeader.read(buffer, socket.remoteAddress(), address -> told = address);
      switch (outcome) {
        case PARTIAL -> handOver(buffer, null);
        case WRONG -> refuseProxy();
        case READ -> {
          if (buffer.isReadable()) {
            request(buffer);
          }
        }
      }
      return;
    }
    request(buffer);
  }

  private void refuseProxy() {
    shared.connections.admission.counters().add(TransportCounter.REFUSED_PROXY);
    fail(CloseReason.SERVER);
  }

  /** Whom a proxy speaks for, until there is a request. */
  private @Nullable InetSocketAddress proxied() {
    return told instanceof InetSocketAddress address ? address : null;
  }

  private void request(ByteBuf buffer) {
    InetSocketAddress proxied = proxied();
    LeanLoop.Accepted accepted = shared.accept(buffer, socket, proxied);
    if (accepted == null) {
      handOver(buffer, proxied);
    } else {
      shared.connections.remove(this);
      told = accepted.toldAddress();
      place = accepted.place();
      record = accepted.record();
      AuthenticationRequest credentials = accepted.credentials();
      if (credentials == null) {
        open(accepted, Grant.NOTHING);
      } else {
        waiting = true;
        shared.admit(credentials, new Waiting(accepted));
      }
    }
  }

  /** The request while it is not known what the client may do. */
  private final class Waiting implements Access.Decision {
    private final LeanLoop.Accepted accepted;

    Waiting(LeanLoop.Accepted accepted) {
      this.accepted = accepted;
    }

    @Override
    public void admitted(Grant grant) {
      if (closed) {
        return; // gone meanwhile
      }
      try {
        shared.requireRunning();
        accepted.place().requireSubject(grant.subject());
      } catch (HttpProblem problem) {
        refused(problem);
        return;
      }
      waiting = false;
      open(accepted, grant);
    }

    @Override
    public void refused(HttpProblem problem) {
      if (closed) {
        return;
      }
      waiting = false;
      pending = shared.refusal(problem, accepted.headers(), accepted.record());
      closing = true;
      flush();
      if (!closed) {
        shared.loop.schedule(() -> fail(CloseReason.SERVER), LINGER_MS, TimeUnit.MILLISECONDS);
      }
    }
  }

  private void open(LeanLoop.Accepted accepted, Grant grant) {
    AccessRecord r = record;
    if (r != null) {
      r.identifiedAs(grant);
      r.streaming(200);
    }
    CompressionOptions.Coding coding = shared.coding(accepted.headers());
    ByteBuf head = shared.head(accepted.headers(), coding);
    StreamEncoder compressor = shared.connections.encoder(coding);
    if (compressor != null) {
      encoder = compressor;
      head.writeBytes(compressor.streamHeader());
    }
    pending = head;
    corked = true;
    try {
      connection = accepted.request().connect(shared.connections, grant, this);
    } catch (RuntimeException e) {
      fail(CloseReason.ERROR);
      return;
    }
    corked = false;
    flush();
  }

  private void handOver(ByteBuf bytes, @Nullable InetSocketAddress proxied) {
    shared.connections.remove(this);
    closed = true;
    IoRegistration r = registration;
    if (r != null) {
      r.cancel();
    }
    shared.handOver(socket.intValue(), bytes, proxied);
  }

  // ---- writing ----

  @Override
  public boolean offer(DirectBuffer buffer, int offset, int length) {
    if (closed) {
      return true; // whoever iterates learns of the end by the connection's state
    }
    StreamEncoder e = encoder;
    if (e == null) {
      return take(buffer, offset, length);
    }
    e.encode(buffer, offset, length);
    return take(e.frame(), 0, e.frameLength());
  }

  private boolean take(DirectBuffer buffer, int offset, int length) {
    ByteBuf owed = pending;
    if (owed != null) {
      if (!corked && owed.readableBytes() + length > shared.connections.maxPendingBytes()) {
        return false;
      }
      count(length);
      Bytes.append(owed, buffer, offset, length);
      return true;
    }
    count(length);
    int sent;
    try {
      sent = socket.sendAddress(buffer.addressOffset(), offset, offset + length);
    } catch (IOException e) {
      fail(reasonOf(e));
      return true;
    }
    if (sent < length) {
      ByteBuf rest = shared.allocator.directBuffer(length - sent);
      Bytes.append(rest, buffer, offset + sent, length - sent);
      pending = rest;
      submit(READ_WRITE);
    }
    return true;
  }

  private void count(int length) {
    AccessRecord r = record;
    if (r != null) {
      r.add(length);
    }
  }

  private void flush() {
    ByteBuf owed = pending;
    if (owed == null) {
      return;
    }
    int sent;
    try {
      sent = socket.sendAddress(owed.memoryAddress(), owed.readerIndex(), owed.writerIndex());
    } catch (IOException e) {
      fail(reasonOf(e));
      return;
    }
    owed.skipBytes(sent);
    Connection c = connection;
    if (owed.isReadable()) {
      submit(READ_WRITE);
      if (c != null && sent > 0) {
        c.onProgress();
      }
      return;
    }
    owed.release();
    pending = null;
    submit(READ);
    if (closing) {
      fail(CloseReason.SERVER);
    } else if (c != null) {
      c.onProgress();
      c.onWritable();
    }
  }

  private void submit(EpollIoOps ops) {
    IoRegistration r = registration;
    if (r != null && !ops.equals(submitted)) {
      submitted = ops;
      r.submit(ops);
    }
  }

  @Override
  public boolean isWritable() {
    return pending == null && !closed;
  }

  @Override
  public int pendingBytes() {
    ByteBuf owed = pending;
    return owed == null ? 0 : owed.readableBytes();
  }

  @Override
  public String remoteAddress() {
    if (told instanceof String text) {
      return text;
    }
    return closed ? "" : PeerAddress.format(socket.remoteAddress());
  }

  @Override
  public String transport() {
    return "http/1.1";
  }

  // ---- end ----

  private static CloseReason reasonOf(IOException e) {
    return e instanceof Errors.NativeIoException n && n.expectedErr() == -TIMED_OUT
        ? CloseReason.PEER_DEAD
        : CloseReason.CLIENT;
  }

  /** Closes the socket, and tells the connection if it does not know. */
  private void fail(CloseReason reason) {
    if (closed) {
      return;
    }
    closed = true;
    shared.connections.remove(this);
    Admission.Place held = place;
    if (held != null) {
      held.release();
    }
    ByteBuf owed = pending;
    pending = null;
    if (owed != null) {
      owed.release();
    }
    IoRegistration r = registration;
    if (r != null) {
      r.cancel();
    }
    try {
      socket.close();
    } catch (IOException e) {
      // closed as far as it can be
    }
    Connection c = connection;
    if (c != null) {
      c.onClosed(reason);
    }
    AccessRecord line = record;
    if (line != null) {
      line.ended(reason);
    }
  }

  @Override
  public void close(CloseReason reason) {
    if (closing || closed) {
      return;
    }
    closing = true;
    AccessRecord r = record;
    if (r != null) {
      r.closing(reason);
    }
    boolean lost = reason == CloseReason.STALLED || reason == CloseReason.ERROR;
    if (pending == null || lost) {
      fail(reason);
    } else {
      shared.loop.schedule(() -> fail(reason), LINGER_MS, TimeUnit.MILLISECONDS);
    }
  }

  /** The event loop ends. */
  @Override
  public void close() {
    fail(CloseReason.SERVER);
  }

  // ---- sweep ----

  @Override
  public int sweepIndex() {
    return sweepIndex;
  }

  @Override
  public void sweepIndex(int index) {
    sweepIndex = index;
  }

  @Override
  public void sweep(long nowNs) {
    if (shared.connections.tick() - deadlineTick < 0) {
      return;
    }
    ByteBuf response = shared.late(socket, proxied());
    try {
      socket.sendAddress(response.memoryAddress(), response.readerIndex(), response.writerIndex());
    } catch (IOException e) {
      // it did not want to know
    } finally {
      response.release();
    }
    fail(CloseReason.SERVER);
  }

  @Override
  public void closeWhenIdle() {
    fail(CloseReason.SERVER);
  }

  @Override
  public String toString() {
    return "LeanSocket[" + socket.intValue() + "]";
  }
}
