package io.ssegateway.engine;

/**
 * What a source has counted since it started. Immutable.
 *
 * @param received messages that the backend has handed over
 * @param invalid messages of those that could not be delivered: no text, too large, not what the
 *     source's format asks for
 * @param lost messages that could have been delivered and were not: the backend removed them before
 *     they were read, or has no way to hand them over again
 * @param waits times the source had to wait because the ring was full or the journal took nothing
 * @param reconnects times a connection to the backend was lost and made again
 * @param lag messages that the backend holds and the source has not got yet, or -1 if unknown
 */
public record SourceStats(
    long received, long invalid, long lost, long waits, long reconnects, long lag) {
  /** Nothing was counted. */
  public static final SourceStats NONE = new SourceStats(0, 0, 0, 0, 0, -1);
}
