package io.ssegateway.gateway.config;

/** Who may read the metrics. */
public enum MetricsAccess {
  /** Callers with the role; without configured credentials, this machine. */
  STATS,
  /** This machine, without credentials. */
  LOOPBACK,
  /** Everybody who can connect. */
  OPEN,
  /** Nobody: there are none. */
  OFF
}
