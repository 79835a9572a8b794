package io.ssegateway.engine.journal;

import java.security.SecureRandom;

/** Makes epochs. Thread-safe. */
public final class Epochs {
  private static final int RANDOM_BITS = 50;

  private Epochs() {}

  /** A short random epoch that no other journal is likely to have. */
  public static String random() {
    long bits = new SecureRandom().nextLong() >>> (Long.SIZE - RANDOM_BITS);
    return Long.toString(bits | (1L << RANDOM_BITS), Character.MAX_RADIX);
  }
}
