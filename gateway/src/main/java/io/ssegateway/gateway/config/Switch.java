package io.ssegateway.gateway.config;

/** Whether a part of the gateway is there. */
public enum Switch {
  /** It is. */
  ON,
  /** It is not. */
  OFF
}
