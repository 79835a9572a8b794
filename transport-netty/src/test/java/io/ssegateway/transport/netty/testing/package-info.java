/**
 * Clients for tests over real sockets, which know HTTP and SSE by the standards and nothing of the
 * gateway's code.
 *
 * <pre>
 *   RawClient      exact bytes there and back, and HTTP answers
 *   StreamClient   one stream, read by the test's own thread
 *   StreamSwarm    thousands of streams on one thread
 *   SseParser      bytes to SseBlocks, for both
 * </pre>
 */
package io.ssegateway.transport.netty.testing;
