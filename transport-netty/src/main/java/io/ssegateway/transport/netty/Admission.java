package io.ssegateway.transport.netty;

import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Lets streams and requests in up to the limits. Whoever comes over one is refused; nobody who is
 * in has to go. Thread-safe.
 */
final class Admission {
  private static final int RATE_SLOTS = 1 << 15;

  private final int maxStreams;
  private final LimitOptions limits;
  private final List<Network> proxies;
  private final TransportCounters counters;
  private final @Nullable RateTable rates;
  private final AtomicInteger streams = new AtomicInteger();
  private final ConcurrentHashMap<Long, Integer> perAddress = new ConcurrentHashMap<>();

  Admission(int maxStreams, LimitOptions limits, TransportCounters counters) {
    this.maxStreams = maxStreams;
    this.limits = limits;
    this.counters = counters;
    this.proxies = limits.trustedProxies().stream().map(Network::parse).toList();
    this.rates =
        limits.requestsPerSecond() == 0
            ? null
            : new RateTable(RATE_SLOTS, limits.requestsPerSecond(), limits.requestBurst());
  }

  /** Whether anything is limited that the address of a client is needed for. */
  boolean needsAddress() {
    return limits.maxStreamsPerAddress() > 0 || rates != null;
  }

  boolean limitsRate() {
    return rates != null;
  }

  /**
   * Who asks: the peer, or if that is a trusted proxy, the last in {@code X-Forwarded-For} that is
   * none. What stands before that anybody can have written.
   */
  @Nullable InetAddress client(@Nullable InetAddress peer, HttpHeaders headers) {
    if (peer == null || !isProxy(peer)) {
      return peer;
    }
    InetAddress client = peer;
    String[] hops = String.join(",", headers.getAll("X-Forwarded-For")).split(",", -1);
    for (int i = hops.length - 1; i >= 0 && isProxy(client); i--) {
      InetAddress hop = Network.address(hops[i]);
      if (hop == null) {
        break;
      }
      client = hop;
    }
    return client;
  }

  private boolean isProxy(InetAddress address) {
    for (int i = 0; i < proxies.size(); i++) {
      if (proxies.get(i).contains(address)) {
        return true;
      }
    }
    return false;
  }

  /** IPv4 by the address, IPv6 by the /64: that is what one customer has. */
  static long key(InetAddress address) {
    byte[] bytes = address.getAddress();
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return bytes.length == 4 ? buffer.getInt() & 0xffff_ffffL : buffer.getLong();
  }

  /** Whether the client may make a request now. */
  boolean takesRequest(@Nullable InetAddress client) {
    RateTable table = rates;
    return table == null || client == null || table.take(key(client), System.nanoTime());
  }

  /**
   * Checks the rate of a client's requests.
   *
   * @throws HttpProblem if there were too many
   */
  void requireRate(@Nullable InetAddress client) {
    if (!takesRequest(client)) {
      counters.add(TransportCounter.REFUSED_RATE);
      throw HttpProblem.retryLater(
          429,
          "requests: more than "
              + limits.requestsPerSecond()
              + " a second from one address (send fewer)");
    }
  }

  /** A place for a stream, held until it is released; or null if there is none. */
  @Nullable Place tryEnter(@Nullable InetAddress client) {
    return enter(client) instanceof Place place ? place : null;
  }

  /**
   * A place for a stream.
   *
   * @throws HttpProblem if there is none
   */
  Place require(@Nullable InetAddress client) {
    Object entered = enter(client);
    if (entered instanceof Place place) {
      return place;
    }
    boolean total = entered == TransportCounter.REFUSED_STREAMS;
    counters.add(total ? TransportCounter.REFUSED_STREAMS : TransportCounter.REFUSED_ADDRESS);
    int status = limits.refusal() == LimitOptions.Refusal.TOO_MANY ? 429 : 503;
    throw HttpProblem.retryLater(
            status,
            total
                ? "streams: " + maxStreams + " are open, which is the limit"
                : "streams: "
                    + limits.maxStreamsPerAddress()
                    + " are open from this address, which is the limit")
        .closing();
  }

  private Object enter(@Nullable InetAddress client) {
    if (maxStreams > 0 && streams.incrementAndGet() > maxStreams) {
      streams.decrementAndGet();
      return TransportCounter.REFUSED_STREAMS;
    }
    int most = limits.maxStreamsPerAddress();
    if (most == 0 || client == null) {
      return new Place(null);
    }
    long key = key(client);
    boolean[] entered = {false};
    perAddress.compute(
        key,
        (k, open) -> {
          int now = open == null ? 0 : open;
          entered[0] = now < most;
          return entered[0] ? Integer.valueOf(now + 1) : open;
        });
    if (entered[0]) {
      return new Place(key);
    }
    leave(null);
    return TransportCounter.REFUSED_ADDRESS;
  }

  private void leave(@Nullable Long key) {
    if (maxStreams > 0) {
      streams.decrementAndGet();
    }
    if (key != null) {
      perAddress.computeIfPresent(key, (k, open) -> open == 1 ? null : Integer.valueOf(open - 1));
    }
  }

  /** How streams over a limit are refused. */
  LimitOptions.Refusal refusal() {
    return limits.refusal();
  }

  /** Time in ms after which a refused client is to come back, before its jitter. */
  int refusalRetryMs() {
    return limits.refusalRetryMs();
  }

  /** Addresses that have a stream. */
  int addresses() {
    return perAddress.size();
  }

  /** A stream's place among those that are let in. Thread-safe. */
  final class Place extends AtomicBoolean {
    private static final long serialVersionUID = 1;

    private final transient @Nullable Long key;

    private Place(@Nullable Long key) {
      this.key = key;
    }

    /** Gives it back; calls after the first do nothing. */
    void release() {
      if (compareAndSet(false, true)) {
        leave(key);
      }
    }
  }
}
