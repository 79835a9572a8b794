package io.ssegateway.engine;

import org.jspecify.annotations.Nullable;

/** The engine cannot do what it was asked; the message says why and what to do. */
public final class EngineException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Creates the exception. */
  public EngineException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
