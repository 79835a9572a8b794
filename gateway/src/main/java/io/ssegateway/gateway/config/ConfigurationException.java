package io.ssegateway.gateway.config;

/**
 * The configuration cannot be used. The message names the setting, its value, where it came from
 * and what is expected.
 */
public final class ConfigurationException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Creates the exception. */
  public ConfigurationException(String message) {
    super(message);
  }
}
