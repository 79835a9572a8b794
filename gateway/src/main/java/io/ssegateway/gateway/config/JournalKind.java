package io.ssegateway.gateway.config;

/** Where history is kept. */
public enum JournalKind {
  /** On disk; survives restarts and kills. */
  CHRONICLE,
  /** In Redis; several nodes share it. */
  REDIS,
  /** In memory; survives reconnects, but no restart. */
  MEMORY,
  /** Nowhere: a client that was away is told of a gap. */
  NONE
}
