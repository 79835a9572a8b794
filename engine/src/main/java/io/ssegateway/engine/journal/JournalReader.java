package io.ssegateway.engine.journal;

/**
 * A place in the journal from which a set of channels, and the broadcasts, are read in order. Not
 * thread-safe: used by one replay thread at a time.
 */
public interface JournalReader extends AutoCloseable {
  /**
   * Offers every event that is not yet offered and not after {@code upTo}, until the sink declines.
   * May touch the disk or the network.
   *
   * @param upTo a committed position
   * @return true if all was offered, false if the sink declined
   * @throws JournalException if the journal cannot be read
   */
  boolean read(long upTo, ReplaySink sink);

  /** Gives back what the reader holds. May touch the disk; does not throw. */
  @Override
  void close();
}
