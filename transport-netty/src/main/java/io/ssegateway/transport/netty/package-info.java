/**
 * HTTP on Netty around the engine, and the embeddable {@link
 * io.ssegateway.transport.netty.Gateway}.
 *
 * <pre>
 *  socket ─▶ HttpRequestDecoder ─▶ HttpConnectionHandler ─▶ Router ─▶ Endpoint
 *  socket ◀─ HttpResponseEncoder ◀─────────┤  (responses in the order of the requests)
 *                                          │
 *                            GET /sse/connect: all three leave the pipeline
 *                                          ▼
 *  socket ◀── ChannelOutlet ◀── Lane     SseHandler (close, writability; reads nothing)
 *     ▲           │
 *     └─ EpollOutlet: straight to the socket while nothing is pending, else Netty's buffer
 * </pre>
 *
 * Every event loop is one of the engine's lanes. Deadlines of HTTP connections are swept once for
 * each loop; heartbeats and stalls of streams are the lane's.
 */
@NullMarked
package io.ssegateway.transport.netty;

import org.jspecify.annotations.NullMarked;
