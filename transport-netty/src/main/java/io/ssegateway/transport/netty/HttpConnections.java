package io.ssegateway.transport.netty;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.ssegateway.engine.Lane;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP connections of one event loop that are no streams, and the one timer that ends those
 * past their deadline, and streams whose credential has expired. Owned by the event loop.
 */
final class HttpConnections implements PendingLimit {
  private static final int MAX_SWEEP_MS = 500;
  private static final int SWEPT_AT_ONCE = 16;
  private static final long SWEEP_NS = TimeUnit.MILLISECONDS.toNanos(1);

  private final EventLoop loop;
  final Lane lane;
  final Admission admission;
  final @Nullable AccessLogWriter accessLog;
  private final int sweepMs;
  final StreamEnds ends;
  private final int maxPendingBytes;
  private int maxPendingNow;
  private final int minCompressedBytes;
  private final Map<CompressionOptions.Coding, StreamEncoder> encoders =
      new EnumMap<>(CompressionOptions.Coding.class);
  private int tick;
  private boolean sweeping;
  private final List<SweptConnection> connections = new ArrayList<>();
  private List<Http2Watch> unflushed = new ArrayList<>();
  private List<Http2Watch> flushing = new ArrayList<>();

  HttpConnections(
      EventLoop loop,
      Lane lane,
      GatewayOptions options,
      CompressionOptions compression,
      Admission admission,
      @Nullable AccessLogWriter accessLog,
      InstantSource clock) {
    this.accessLog = accessLog;
    this.minCompressedBytes = compression.minBytes();
    this.admission = admission;
    this.maxPendingBytes = options.maxPendingBytes();
    this.maxPendingNow = maxPendingBytes;
    this.loop = loop;
    this.lane = lane;
    this.ends = new StreamEnds(clock);
    this.sweepMs =
        Math.max(
            10,
            Math.min(
                MAX_SWEEP_MS, Math.min(options.headerTimeoutMs(), options.idleTimeoutMs()) / 4));
  }

  void start() {
    loop.scheduleAtFixedRate(this::sweep, sweepMs, sweepMs, TimeUnit.MILLISECONDS);
  }

  void add(SweptConnection connection) {
    connection.sweepIndex(connections.size());
    connections.add(connection);
  }

  void remove(SweptConnection connection) {
    int index = connection.sweepIndex();
    if (index < 0) {
      return;
    }
    connection.sweepIndex(-1);
    SweptConnection last = connections.remove(connections.size() - 1);
    if (last != connection) {
      connections.set(index, last);
      last.sweepIndex(index);
    }
  }

  /** Flushes the connection when what is written in this round is written. */
  void flushLater(Http2Watch connection) {
    if (unflushed.isEmpty()) {
      loop.execute(this::flush);
    }
    unflushed.add(connection);
  }

  private void flush() {
    List<Http2Watch> due = unflushed;
    unflushed = flushing;
    flushing = due;
    for (int i = 0; i < due.size(); i++) {
      due.get(i).flushNow();
    }
    due.clear();
  }

  @Override
  public int maxPendingBytes() {
    return maxPendingNow;
  }

  private void limitPending() {
    boolean over = admission.owesTooMuch();
    if (over && maxPendingNow > 0) {
      admission.counters().add(TransportCounter.PENDING_LIMITED);
    }
    maxPendingNow = over ? 0 : maxPendingBytes;
  }

  /**
   * Tells the access log, if there is one, of a request that could not be read, or never came.
   *
   * @param protocol as far as it is known
   * @param length of the answer's body
   */
  void unread(@Nullable InetSocketAddress peer, String protocol, int status, int length) {
    AccessLogWriter log = accessLog;
    if (log != null) {
      InetAddress address = peer == null ? null : peer.getAddress();
      InetAddress client = admission.client(address, EmptyHttpHeaders.INSTANCE);
      AccessRecord.ofUnread(log, client, protocol).answered(status, length);
    }
  }

  /** What compresses for the streams of this loop; null for no coding. */
  @Nullable StreamEncoder encoder(CompressionOptions.@Nullable Coding coding) {
    return coding == null ? null : encoders.computeIfAbsent(coding, this::newEncoder);
  }

  private StreamEncoder newEncoder(CompressionOptions.Coding coding) {
    return switch (coding) {
      case GZIP -> new GzipFrames(lane, admission.counters(), minCompressedBytes);
      case ZSTD -> new ZstdFrames(lane, admission.counters(), minCompressedBytes);
    };
  }

  /** Gives back memory when the loop has ended. */
  void release() {
    encoders.values().forEach(StreamEncoder::close);
    encoders.clear();
  }

  /** Counts the sweeps. */
  int tick() {
    return tick;
  }

  /** The first tick that is later than now by so many ms. */
  int tickAfter(int ms) {
    return tick + 1 + ms / sweepMs;
  }

  private void sweep() {
    tick++;
    ends.sweep();
    limitPending();
    if (!sweeping) {
      sweepFrom(connections.size() - 1);
    }
  }

  /**
   * Sweeps those up to an index, for a moment: where thousands are past their deadline together,
   * others of the loop have their turn before the rest. Who joins or moves meanwhile may have to
   * wait for the next sweep.
   */
  private void sweepFrom(int index) {
    long now = System.nanoTime();
    int i = index;
    boolean more = true;
    while (more && i >= 0) {
      if (i < connections.size()) { // one that ends may take others with it
        connections.get(i).sweep(now);
      }
      i--;
      more = i % SWEPT_AT_ONCE != 0 || System.nanoTime() - now < SWEEP_NS;
    }
    sweeping = i >= 0;
    if (sweeping) {
      int rest = i;
      loop.execute(() -> sweepFrom(rest));
    }
  }

  /** Tells all that the gateway drains. */
  void drain() {
    for (SweptConnection connection : List.copyOf(connections)) {
      connection.drain();
    }
  }

  /** Closes those that wait for a request, and the others after their responses. */
  void closeAll() {
    for (SweptConnection connection : List.copyOf(connections)) {
      connection.closeWhenIdle();
    }
  }
}
