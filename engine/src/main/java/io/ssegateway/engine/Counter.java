package io.ssegateway.engine;

/** Every counter of the engine. All only grow. */
public enum Counter {
  /** Messages that were journalled. */
  PUBLISHED("published", "messages journalled"),
  /** Offers turned away because the ring was full. */
  BACK_PRESSURED("back_pressured", "offers turned away because the ring was full"),
  /** Offers turned away because the journal took nothing. */
  JOURNAL_UNAVAILABLE("journal_unavailable", "offers turned away because the journal took nothing"),
  /** Messages that the journal refused, or failed to take, after they were in the ring. */
  JOURNAL_REFUSED("journal_refused", "messages refused by the journal after they were in the ring"),
  /** Events handed to live connections, one for each connection. */
  DELIVERED("delivered", "events handed to live connections, counted for each connection"),
  /** Bytes handed to live connections. */
  DELIVERED_BYTES("delivered_bytes", "bytes handed to live connections"),
  /** Connections that asked to go on after an id, and live ones that fell behind. */
  REPLAYS("replays", "times a connection was given events out of the journal"),
  /** Events handed to connections out of the journal. */
  REPLAYED("replayed", "events handed to connections out of the journal"),
  /** Gaps told because retention had removed events. */
  GAPS_EXPIRED("gaps_expired", "gaps told because retention had removed events"),
  /** Gaps told because an id was of another journal or no id. */
  GAPS_UNKNOWN_EPOCH("gaps_unknown_epoch", "gaps told because an id was of another journal"),
  /** Gaps told because too much was missed. */
  GAPS_LIMIT("gaps_limit", "gaps told because more was missed than a replay may hold"),
  /** Live connections that fell back to the journal because they read too slowly. */
  SLOW_TRANSITIONS("slow_transitions", "live connections that fell back to the journal"),
  /** Heartbeats written. */
  HEARTBEATS("heartbeats", "heartbeats written"),
  /** Connections begun. */
  CONNECTS("connects", "connections begun"),
  /** Connections that the client ended. */
  CLOSED_BY_CLIENT("closed_by_client", "connections that the client ended"),
  /** Connections that failed. */
  CLOSED_BY_ERROR("closed_by_error", "connections that failed"),
  /** Connections closed because they made no progress for too long. */
  CLOSED_STALLED("closed_stalled", "connections closed because they made no progress"),
  /** Connections whose peer did not acknowledge what was sent. */
  CLOSED_PEER_DEAD("closed_peer_dead", "connections whose peer did not acknowledge what was sent"),
  /** Connections closed by a drain. */
  CLOSED_DRAINED("closed_drained", "connections closed by a drain"),
  /** Connections that an operator ended. */
  CLOSED_BY_OPERATOR("closed_by_operator", "connections that an operator ended"),
  /** Connections closed because what their client was granted was over. */
  CLOSED_EXPIRED("closed_expired", "connections closed because their credential had expired"),
  /** Connections closed by the server for any other reason. */
  CLOSED_BY_SERVER("closed_by_server", "connections closed by the server for any other reason"),
  /** Connections that sources were not told of because they did not keep up with the news. */
  SOURCE_NEWS_DROPPED(
      "source_news_dropped",
      "connections that sources were not told of because they did not keep up"),
  /** Exceptions out of journals, sources, listeners, outlets and subscribers. */
  CONTAINED_FAILURES(
      "contained_failures", "exceptions out of journals, sources, listeners and subscribers"),
  ;

  private final String label;
  private final String description;

  Counter(String label, String description) {
    this.label = label;
    this.description = description;
  }

  /** The name in stats and metrics, in snake case. */
  public String label() {
    return label;
  }

  /** What is counted, for people to read. */
  public String description() {
    return description;
  }
}
