package io.ssegateway.engine.journal;

import org.jspecify.annotations.Nullable;

/**
 * A journal could not be opened, written or read. The message says what was wrong and what to do.
 */
public class JournalException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Creates the exception. */
  public JournalException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Creates the exception. */
  public JournalException(String message) {
    super(message);
  }
}
