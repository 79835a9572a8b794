/**
 * A storm of clients that come back at once, against a running gateway.
 *
 * <pre>
 *   Publisher ──HTTP──▶ gateway ──▶ StreamReader: clients of the storm, each so many events behind
 *                               └─▶              live clients, whose latency is compared with calm
 * </pre>
 */
@NullMarked
package io.ssegateway.benchmarks.storm;

import org.jspecify.annotations.NullMarked;
