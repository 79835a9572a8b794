package io.ssegateway.engine.journal;

import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The one order of all events, kept for as long as its retention says. An event is fanned out only
 * after the journal has committed it.
 *
 * <p>Threading: {@link #append}, {@link #commit} and {@link #maintain} are called by the journal
 * thread alone; every other method by any thread. Positions are {@code > 0}, grow within an epoch
 * and need not be dense; 0 is the place before the first event.
 */
public interface Journal extends AutoCloseable {
  /** A short name for logs and stats, such as {@code memory}. */
  String name();

  /**
   * The epoch: the same as long as positions mean the same events. Only a shared journal may change
   * it while it is open; see {@link CommittedEventSink#onBreak}. 1 to {@value
   * io.ssegateway.engine.frame.EventId#MAX_EPOCH_LENGTH} characters of {@code [0-9A-Za-z.]}.
   */
  String epoch();

  /**
   * The position of the newest committed event, or 0 if none was ever committed. A shared journal
   * tells the newest that can be read here, from just before it is handed to the sink; another node
   * may have handed out greater ones.
   */
  long newestPosition();

  /** The position of the oldest event that can still be read, or 0 if there is none. */
  long oldestPosition();

  /**
   * The position of the newest event of a channel that is known without a search, or 0 if there is
   * none, or none is known any more. Cheap.
   */
  default long newestPosition(String channel) {
    return 0;
  }

  /** Bytes that the history takes, in memory or on disk. */
  long sizeBytes();

  /**
   * When the oldest event that can still be read was published, in ms since 1970, or 0 if there is
   * none or it is not known; as of the last upkeep.
   */
  default long oldestTimeMs() {
    return 0;
  }

  /** Bytes that its disk has free, or -1 if it is on none; as of the last look. */
  default long freeBytes() {
    return -1;
  }

  /**
   * Adds an event. Must tell the entry its position, or that it is refused, before the next {@link
   * #commit} returns; an exception counts as refused with {@link Refusal#JOURNAL_FAILED}.
   */
  void append(JournalEntry entry);

  /**
   * Ends a batch of appends: what was appended is readable, and as durable as the journal promises,
   * when this returns. An exception counts as refusal of the whole batch.
   */
  void commit();

  /** Called on the journal thread about once a second, for retention and the like. */
  default void maintain() {}

  /**
   * Starts a reader.
   *
   * @param channels the channels to read, without duplicates; broadcasts are always read too
   * @param after the position after which to begin
   * @param maxEvents most events that this replay may hold, or 0 for no bound; of more, the newest
   *     are read after a gap for {@link GapReason#LIMIT}
   */
  JournalReader open(Collection<String> channels, long after, int maxEvents);

  /**
   * Why the journal takes no appends now, for people to read; null when it takes them. Cheap: asked
   * at every publish.
   */
  default @Nullable String refusesBecause() {
    return null;
  }

  /**
   * For each partition of a source the offset of its newest event in the journal; see {@link
   * io.ssegateway.engine.SourceOffset}. Kept for as long as the journal lives, also when retention
   * has removed the event. Empty if the journal survives no restart.
   */
  default Map<String, String> sourceOffsets() {
    return Map.of();
  }

  /**
   * Whether other processes append to this journal too. A shared journal hands the events of all of
   * them, its own included, to the sink of {@link #start}, and what is fanned out is what it hands
   * over; what is appended here is only acknowledged.
   */
  default boolean isShared() {
    return false;
  }

  /** Called once, before the first append. Only shared journals need it. */
  default void start(CommittedEventSink sink) {}

  /** Closes the journal after the last commit. Readers may still be open; their reads fail. */
  @Override
  void close();
}
