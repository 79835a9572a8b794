/**
 * Loads on running servers, over real sockets.
 *
 * <pre>
 *   OpenLoopPublisher ──HTTP──▶ Server ──▶ StreamReader ──▶ Recorder of each delivery's lateness
 *        (Row: rate)      gateway, nchan,    (order and loss)
 *                         any by its URL
 *   LoadHarness: rows in turn, round by round (LoadRun), idle streams (MemoryPoint), most
 *   deliveries (Ceiling) ──▶ LoadReport ──▶ JsonReport, Plots, MarkdownReport
 *   WireCost: what TLS and compression add, by the JDK's client, which speaks both
 *   ReplayStorm: clients that come back at once, each so many events behind, beside live ones
 * </pre>
 */
@NullMarked
package io.ssegateway.benchmarks.load;

import org.jspecify.annotations.NullMarked;
