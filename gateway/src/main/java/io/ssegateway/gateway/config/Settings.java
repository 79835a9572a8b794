package io.ssegateway.gateway.config;

import io.ssegateway.engine.EngineOptions;
import io.ssegateway.engine.WaitStrategyKind;
import io.ssegateway.gateway.config.Setting.Group;
import io.ssegateway.transport.netty.GatewayOptions;
import io.ssegateway.transport.netty.TransportKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Settings of the server, of streams and of logging, and all settings together.
 *
 * @see NetworkSettings
 * @see AuthSettings
 * @see JournalSettings
 * @see SourceSettings
 * @see PresenceSettings
 */
public final class Settings {
  private static final List<Setting<?>> ALL = new ArrayList<>();

  private static final EngineOptions ENGINE = EngineOptions.DEFAULTS;
  private static final GatewayOptions SERVER = GatewayOptions.DEFAULTS;

  // ---- server ----

  /** Address to listen on. */
  public static final Setting<String> HOST =
      add(
          Setting.text(
              Group.SERVER,
              "host",
              SERVER.host(),
              "Address to listen on. Only this machine can connect to the default; 0.0.0.0 is"
                  + " every address of the machine."));

  /** Port to listen on. */
  public static final Setting<Integer> PORT =
      add(
          Setting.integer(
                  Group.SERVER,
                  "port",
                  SERVER.port(),
                  0,
                  65535,
                  "Port to listen on; 0 for any free one.")
              .orEnvironment("PORT"));

  /** Whether there is something to see. */
  public static final Setting<Boolean> DEMO =
      add(
          Setting.yesOrNo(
              Group.SERVER,
              "demo",
              false,
              "Whether to publish sample events and to serve a page at /demo that shows them. The"
                  + " journal is in memory then, unless another is asked for."));

  /** What moves the bytes. */
  public static final Setting<TransportKind> TRANSPORT =
      add(
          Setting.choice(
              Group.SERVER,
              "transport",
              SERVER.transport(),
              "What moves the bytes. auto is epoll where it loads, and nio elsewhere."));

  /** Threads that serve sockets. */
  public static final Setting<Integer> EVENT_LOOPS =
      add(
          Setting.integer(
              Group.SERVER,
              "event-loops",
              0,
              0,
              64,
              "Threads that serve sockets; 0 for one less than there are processors."));

  /** Most open streams. */
  public static final Setting<Integer> MAX_CONNECTIONS =
      add(
          Setting.integer(
              Group.SERVER,
              "max-connections",
              SERVER.maxConnections(),
              0,
              Integer.MAX_VALUE,
              "Most open streams; 0 for no bound but the system's. A newcomer over it gets 503."));

  /** Most channels of one stream. */
  public static final Setting<Integer> MAX_CHANNELS_PER_CONNECTION =
      add(
          Setting.integer(
              Group.SERVER,
              "max-channels-per-connection",
              SERVER.maxChannelsPerConnection(),
              1,
              100_000,
              "Most channels of one stream."));

  /** Bytes that a stream's socket may owe. */
  public static final Setting<Long> MAX_PENDING =
      add(
          Setting.size(
              Group.SERVER,
              "max-pending",
              "64KiB",
              0,
              1 << 30,
              "Bytes that a stream's socket may owe before it falls back to the journal."));

  /** Bytes that the system may hold for a stream's socket. */
  public static final Setting<Long> SEND_BUFFER =
      add(
          Setting.size(
              Group.SERVER,
              "send-buffer",
              "0",
              0,
              1 << 30,
              "Bytes that the system may hold for a stream's socket (SO_SNDBUF); 0 for what it"
                  + " thinks right, which grows to megabytes for a client that reads slowly."));

  /** Most bytes of a request's body. */
  public static final Setting<Long> MAX_REQUEST =
      add(
          Setting.size(
              Group.SERVER,
              "max-request",
              "2MiB",
              1,
              1 << 30,
              "Most bytes of a request's body; more is 413."));

  /** Most bytes of a request's headers. */
  public static final Setting<Long> MAX_HEADER =
      add(
          Setting.size(
              Group.SERVER,
              "max-header",
              "16KiB",
              1024,
              1 << 20,
              "Most bytes of a request's line, and of its headers."));

  /** Time in which a request has to arrive. */
  public static final Setting<Integer> HEADER_TIMEOUT =
      add(
          Setting.duration(
              Group.SERVER,
              "header-timeout",
              "10s",
              1,
              "Time in which a request has to arrive whole."));

  /** Time after which a connection without a request is closed. */
  public static final Setting<Integer> IDLE_TIMEOUT =
      add(
          Setting.duration(
              Group.SERVER,
              "idle-timeout",
              "60s",
              1,
              "Time after which a connection that asks for nothing is closed; streams are not"
                  + " meant."));

  /** Time after which a silent peer is dead. */
  public static final Setting<Integer> USER_TIMEOUT =
      add(
          Setting.duration(
              Group.SERVER,
              "user-timeout",
              "30s",
              0,
              "Time after which a peer that acknowledges nothing it was sent is dead"
                  + " (TCP_USER_TIMEOUT); 0 for the system's own."));

  /** Origins that may read and publish from a browser. */
  public static final Setting<List<String>> CORS_ORIGINS =
      add(
          Setting.list(
              Group.SERVER,
              "cors-origins",
              "Origins whose pages may read streams and publish, such as https://app.example.com,"
                  + " separated by commas; * for all to read streams, and to publish only with a"
                  + " token in the header."));

  /** Who may read the metrics. */
  public static final Setting<MetricsAccess> METRICS =
      add(
          Setting.choice(
              Group.SERVER,
              "metrics",
              MetricsAccess.STATS,
              "Who may read /metrics: callers with the role stats (without configured credentials,"
                  + " this machine), this machine without credentials, everybody, or nobody."));

  /** The web page for operators. */
  public static final Setting<Boolean> DASHBOARD =
      add(
          Setting.yesOrNo(
              Group.SERVER,
              "dashboard",
              true,
              "Whether there is a web page for operators at /dashboard. The page itself holds"
                  + " nothing: what it shows needs the roles that /api asks for."));

  /** Time over which streams are ended. */
  public static final Setting<Integer> DRAIN =
      add(
          Setting.duration(
              Group.SERVER,
              "drain",
              "5s",
              0,
              "Time over which streams are ended after SIGTERM, so that clients do not all come"
                  + " back at once."));

  /** Time after which unused memory is given back. */
  public static final Setting<Integer> IDLE_HEAP_RELEASE =
      add(
          Setting.duration(
              Group.SERVER,
              "idle-heap-release",
              "15s",
              0,
              "Time without a garbage collection after which memory that is not needed goes back to"
                  + " the system; 0 for never. For the collector G1 only, whose options"
                  + " G1PeriodicGCInterval, MinHeapFreeRatio and MaxHeapFreeRatio it changes where"
                  + " they are not given (docs/operating.md)."));

  // ---- streams ----

  /** Time after which an idle stream gets a heartbeat. */
  public static final Setting<Integer> HEARTBEAT =
      add(
          Setting.duration(
              Group.STREAMS,
              "heartbeat",
              "15s",
              0,
              "Time after which an idle stream gets a heartbeat; 0 for none."));

  /** Reconnection time that clients are told. */
  public static final Setting<Integer> RETRY =
      add(
          Setting.duration(
              Group.STREAMS,
              "retry",
              "3s",
              1,
              "Reconnection time that clients are told, each with a jitter of half of it."));

  /** Time after which a stream without progress is closed. */
  public static final Setting<Integer> STALL_TIMEOUT =
      add(
          Setting.duration(
              Group.STREAMS,
              "stall-timeout",
              "30s",
              1,
              "Time after which a stream is closed whose client takes none of what it is owed."));

  /** Events in the ring. */
  public static final Setting<Integer> RING_SIZE =
      add(
          Setting.integer(
              Group.STREAMS,
              "ring-size",
              ENGINE.ringSize(),
              4,
              1 << 22,
              "Events in the ring, a power of two. A full ring answers publishers 503."));

  /** Bytes of each event of the ring. */
  public static final Setting<Integer> SLOT_BYTES =
      add(
          Setting.integer(
              Group.STREAMS,
              "slot-bytes",
              ENGINE.slotBytes(),
              256,
              65536,
              "Bytes of each event of the ring, a multiple of 64; larger events borrow."));

  /** Most bytes of larger events in flight. */
  public static final Setting<Long> LARGE_EVENTS =
      add(
          Setting.size(
              Group.STREAMS,
              "large-events",
              "64MiB",
              1,
              1L << 40,
              "Most bytes that events larger than a slot take while they are in the ring."));

  /** Most bytes of one payload. */
  public static final Setting<Long> MAX_PAYLOAD =
      add(
          Setting.size(
              Group.STREAMS,
              "max-payload",
              "1MiB",
              1,
              64L << 20,
              "Most bytes of one message's data; more is 413."));

  /** How the journal thread waits. */
  public static final Setting<WaitStrategyKind> WAIT_STRATEGY =
      add(
          Setting.choice(
              Group.STREAMS,
              "wait-strategy",
              ENGINE.waitStrategy(),
              "How the journal thread waits for events. All but blocking, lite-blocking and phased"
                  + " burn a processor."));

  /** Threads that read the journal. */
  public static final Setting<Integer> REPLAY_THREADS =
      add(
          Setting.integer(
              Group.STREAMS,
              "replay-threads",
              0,
              0,
              256,
              "Threads that read the journal for streams that are behind; 0 for one for every two"
                  + " processors."));

  /** Most events of a channel in one replay. */
  public static final Setting<Integer> MAX_REPLAY_EVENTS =
      add(
          Setting.integer(
              Group.STREAMS,
              "max-replay-events",
              ENGINE.maxReplayEvents(),
              0,
              Integer.MAX_VALUE,
              "Most events of a channel that one replay holds; of more, the newest follow a gap"
                  + " event. 0 for no bound."));

  /** Whether traces travel with events. */
  public static final Setting<Boolean> TRACE_CONTEXT =
      add(
          Setting.yesOrNo(
              Group.STREAMS,
              "trace-context",
              ENGINE.traceContext(),
              "Whether the W3C trace context that a message was published in (traceparent and"
                  + " tracestate) travels in the journal and is told to clients, as a comment of"
                  + " the event (docs/observability.md)."));

  // ---- logging ----

  /** How log lines look. */
  public static final Setting<LogFormat> LOG_FORMAT =
      add(
          Setting.choice(
              Group.LOGGING,
              "log-format",
              LogFormat.TEXT,
              "How log lines look; json is one object a line."));

  /** From which level on lines are logged. */
  public static final Setting<LogLevel> LOG_LEVEL =
      add(Setting.choice(Group.LOGGING, "log-level", LogLevel.INFO, "From which level on to log."));

  /** Where finished requests are told of. */
  public static final Setting<String> ACCESS_LOG =
      add(
          Setting.parsed(
              Group.LOGGING,
              "access-log",
              "off|log|FILE",
              "off",
              "Where a line is written about each finished request and each stream that has ended:"
                  + " nowhere, among the log's other lines, or in a file, whose lines are JSON with"
                  + " log-format=json (docs/observability.md).",
              text -> text));

  private Settings() {}

  private static <T> Setting<T> add(Setting<T> setting) {
    ALL.add(setting);
    return setting;
  }

  /** All settings, in the order of the help text. */
  public static List<Setting<?>> all() {
    List<Setting<?>> all = new ArrayList<>(ALL);
    all.addAll(NetworkSettings.all());
    all.addAll(AuthSettings.all());
    all.addAll(JournalSettings.all());
    all.addAll(SourceSettings.all());
    all.addAll(PresenceSettings.all());
    all.sort(Comparator.comparing(Setting::group)); // stable
    return List.copyOf(all);
  }
}
