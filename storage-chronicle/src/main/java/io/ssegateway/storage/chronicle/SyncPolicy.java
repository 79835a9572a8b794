package io.ssegateway.storage.chronicle;

/** When events are forced out of the operating system's memory onto the disk. */
public enum SyncPolicy {
  /** Never: the operating system writes when it likes. Survives the end of the process. */
  NONE,
  /** Before a batch is acknowledged. Survives the end of the machine. */
  BATCH,
  /** Every so often: the end of the machine loses at most what was acknowledged since. */
  INTERVAL,
}
