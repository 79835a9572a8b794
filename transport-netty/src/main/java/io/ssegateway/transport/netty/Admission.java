package io.ssegateway.transport.netty;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
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
  private final LongSupplier pendingBytes;
  private final @Nullable RateTable rates;
  private final @Nullable RateTable publishRates;
  private final AtomicInteger streams = new AtomicInteger();
  private final ConcurrentHashMap<Long, Integer> perAddress = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Integer> perSubject = new ConcurrentHashMap<>();

  /**
   * Creates it.
   *
   * @param pendingBytes what all streams' sockets owe, as of the last look at them
   */
  Admission(
      int maxStreams, LimitOptions limits, TransportCounters counters, LongSupplier pendingBytes) {
    this.maxStreams = maxStreams;
    this.limits = limits;
    this.counters = counters;
    this.pendingBytes = pendingBytes;
    this.proxies = limits.trustedProxies().stream().map(Network::parse).toList();
    this.rates = table(limits.requestsPerSecond(), limits.requestBurst());
    this.publishRates = table(limits.messagesPerSecond(), limits.messageBurst());
  }

  private static @Nullable RateTable table(int perSecond, int burst) {
    return perSecond == 0 ? null : new RateTable(RATE_SLOTS, perSecond, burst);
  }

  TransportCounters counters() {
    return counters;
  }

  /** Counts a refusal that is answered. */
  void count(HttpProblem problem) {
    TransportCounter counter = problem.counter();
    if (counter != null) {
      counters.add(counter);
    }
  }

  /** Whether the address of a client is needed for anything. */
  boolean needsAddress() {
    return limits.maxStreamsPerAddress() > 0 || rates != null || !proxies.isEmpty();
  }

  boolean limitsRate() {
    return rates != null;
  }

  /** Whether every connection has to begin with a PROXY header. */
  boolean requiresProxyHeader() {
    return limits.proxyProtocol();
  }

  /** Whether a peer may speak for others. */
  boolean trusts(@Nullable SocketAddress peer) {
    return peer instanceof InetSocketAddress inet
        && inet.getAddress() != null
        && isProxy(inet.getAddress());
  }

  /**
   * Who asks: the peer, or if that is a trusted proxy, the last hop in the header that is none.
   * What stands before that anybody can have written.
   */
  @Nullable InetAddress client(@Nullable InetAddress peer, HttpHeaders headers) {
    if (peer == null || !isProxy(peer)) {
      return peer;
    }
    InetAddress client = peer;
    List<String> hops =
        limits.forwardedHeader() == LimitOptions.ForwardedHeader.FORWARDED
            ? ForwardedHops.of(headers.getAll("Forwarded"))
            : List.of(String.join(",", headers.getAll("X-Forwarded-For")).split(",", -1));
    for (int i = hops.size() - 1; i >= 0 && isProxy(client); i--) {
      InetAddress hop = Network.address(hops.get(i));
      if (hop == null) {
        break;
      }
      client = hop;
    }
    return client;
  }

  /**
   * Whom a proxy speaks for, for people to read; null if none does.
   *
   * @param told whether the peer was told by a PROXY header
   * @param client who asks
   */
  @Nullable String toldAddress(
      @Nullable InetSocketAddress peer, boolean told, @Nullable InetAddress client) {
    if (peer == null || proxies.isEmpty()) {
      return null;
    }
    if (client != null && !client.equals(peer.getAddress())) {
      return NetUtil.toAddressString(client);
    }
    return told ? PeerAddress.format(peer) : null;
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
      throw HttpProblem.retryLater(
              429,
              "requests: more than "
                  + limits.requestsPerSecond()
                  + " a second from one address (send fewer)")
          .counted(TransportCounter.REFUSED_RATE);
    }
  }

  /**
   * Checks the rate of what a publisher publishes.
   *
   * @param subject who it is, or null to count by the address
   * @throws HttpProblem if it was too much
   */
  void requirePublishRate(@Nullable String subject, @Nullable InetAddress client, int messages) {
    RateTable table = publishRates;
    if (table == null || messages == 0 || (subject == null && client == null)) {
      return;
    }
    long key = subject != null ? hash(subject) : client == null ? 0 : key(client);
    if (!table.take(key, System.nanoTime(), messages)) {
      throw HttpProblem.retryLater(
              429,
              "messages: more than "
                  + limits.messagesPerSecond()
                  + " a second from one publisher (send fewer; nothing was published)")
          .counted(TransportCounter.REFUSED_PUBLISH_RATE);
    }
  }

  /** 64 bits of a name; the upper ones are set, so that it is no IPv4 address's key. */
  private static long hash(String name) {
    long hash = 0xcbf29ce484222325L; // FNV-1a
    for (int i = 0; i < name.length(); i++) {
      hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
    }
    return hash | 1L << 63;
  }

  /** Whether all streams together owe more than they may. */
  boolean owesTooMuch() {
    long most = limits.maxTotalPendingBytes();
    return most > 0 && pendingBytes.getAsLong() > most;
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
    if (entered == TransportCounter.REFUSED_PENDING) {
      throw refusal(
          TransportCounter.REFUSED_PENDING,
          "streams: those that are open owe more than "
              + limits.maxTotalPendingBytes()
              + " bytes, which is the limit");
    }
    if (entered == TransportCounter.REFUSED_STREAMS) {
      throw refusal(
          TransportCounter.REFUSED_STREAMS,
          "streams: " + maxStreams + " are open, which is the limit");
    }
    throw refusal(
        TransportCounter.REFUSED_ADDRESS,
        "streams: "
            + limits.maxStreamsPerAddress()
            + " are open from this address, which is the limit");
  }

  private HttpProblem refusal(TransportCounter counter, String detail) {
    int status = limits.refusal() == LimitOptions.Refusal.TOO_MANY ? 429 : 503;
    return HttpProblem.retryLater(status, detail).closing().counted(counter);
  }

  /**
   * The stream that says only when to come back, if the problem is to be answered so: a browser's
   * EventSource comes back after a stream that ended, but never after an error.
   */
  byte @Nullable [] streamInstead(HttpProblem problem) {
    TransportCounter counter = problem.counter();
    boolean full =
        counter == TransportCounter.REFUSED_STREAMS
            || counter == TransportCounter.REFUSED_ADDRESS
            || counter == TransportCounter.REFUSED_SUBJECT
            || counter == TransportCounter.REFUSED_PENDING;
    if (!full || limits.refusal() != LimitOptions.Refusal.RETRY) {
      return null;
    }
    int retryMs = limits.refusalRetryMs();
    int jittered = ThreadLocalRandom.current().nextInt(retryMs / 2, retryMs + retryMs / 2 + 1);
    return ("retry: " + jittered + "\n\n").getBytes(StandardCharsets.US_ASCII);
  }

  private Object enter(@Nullable InetAddress client) {
    if (owesTooMuch()) {
      return TransportCounter.REFUSED_PENDING;
    }
    if (maxStreams > 0 && streams.incrementAndGet() > maxStreams) {
      streams.decrementAndGet();
      return TransportCounter.REFUSED_STREAMS;
    }
    int most = limits.maxStreamsPerAddress();
    if (most == 0 || client == null) {
      return new Place(null);
    }
    long key = key(client);
    if (takeOne(perAddress, key, most)) {
      return new Place(key);
    }
    leave(null);
    return TransportCounter.REFUSED_ADDRESS;
  }

  private static <K> boolean takeOne(ConcurrentHashMap<K, Integer> open, K key, int most) {
    boolean[] taken = {false};
    open.compute(
        key,
        (k, before) -> {
          int now = before == null ? 0 : before;
          taken[0] = now < most;
          return taken[0] ? Integer.valueOf(now + 1) : before;
        });
    return taken[0];
  }

  private static <K> void giveOneBack(ConcurrentHashMap<K, Integer> open, K key) {
    open.computeIfPresent(key, (k, now) -> now == 1 ? null : Integer.valueOf(now - 1));
  }

  private void leave(@Nullable Long key) {
    if (maxStreams > 0) {
      streams.decrementAndGet();
    }
    if (key != null) {
      giveOneBack(perAddress, key);
    }
  }

  /** Addresses that have a stream. */
  int addresses() {
    return perAddress.size();
  }

  /** Subjects that have a stream. */
  int subjects() {
    return perSubject.size();
  }

  /** A stream's place among those that are let in. Thread-safe. */
  final class Place extends AtomicBoolean {
    private static final long serialVersionUID = 1;

    private final transient @Nullable Long key;
    private transient volatile @Nullable String subject;

    private Place(@Nullable Long key) {
      this.key = key;
    }

    /**
     * Takes a place among the streams of a subject too. To be called once, before it is released.
     *
     * @throws HttpProblem if the subject has none left; what was held before is still held
     */
    void requireSubject(@Nullable String name) {
      int most = limits.maxStreamsPerSubject();
      if (most == 0 || name == null) {
        return;
      }
      if (!takeOne(perSubject, name, most)) {
        throw refusal(
            TransportCounter.REFUSED_SUBJECT,
            "streams: " + most + " are open of this subject, which is the limit");
      }
      subject = name;
    }

    /** Gives it back; calls after the first do nothing. */
    void release() {
      if (compareAndSet(false, true)) {
        leave(key);
        String name = subject;
        if (name != null) {
          giveOneBack(perSubject, name);
        }
      }
    }
  }
}
