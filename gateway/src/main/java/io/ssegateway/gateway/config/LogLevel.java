package io.ssegateway.gateway.config;

/** From which level on lines are logged. */
public enum LogLevel {
  /** Failures. */
  ERROR,
  /** And what an operator should look into. */
  WARN,
  /** And every change of state. */
  INFO,
  /** And what helps to find a defect. */
  DEBUG
}
