package io.ssegateway.transport.netty;

import io.ssegateway.engine.CloseReason;
import org.jspecify.annotations.Nullable;

/**
 * What the access log tells of a request or a stream. It holds neither the query, nor of the
 * headers more than the user agent and the trace, since credentials may stand there. Immutable.
 *
 * @param startedAtMs when the request was there, whole, in ms since 1970; of one that never was,
 *     when it was answered
 * @param durationMs time in ms until the answer was handed to the socket, or the stream ended
 * @param client the address of who asked, which a trusted proxy may have told; empty if unknown
 * @param subject who asked by the credential; null if nobody knows
 * @param protocol such as {@code HTTP/1.1} or {@code HTTP/2.0}; a dash if it could not be read
 * @param method such as {@code GET}; a dash if it could not be read
 * @param path as it came, without the query; a very long one is cut; a dash if it could not be read
 * @param status of the answer; 0 if the client went before there was one
 * @param bytes of the body, as far as they were handed to the socket, compressed if they are
 * @param userAgent what the client says it is, cut if it is very long; null if it does not say
 * @param traceId the trace that the request is part of, by its W3C trace context; null if there is
 *     none
 * @param closeReason why the stream ended; null if it was none
 */
public record AccessLogEntry(
    long startedAtMs,
    long durationMs,
    String client,
    @Nullable String subject,
    String protocol,
    String method,
    String path,
    int status,
    long bytes,
    @Nullable String userAgent,
    @Nullable String traceId,
    @Nullable CloseReason closeReason) {}
