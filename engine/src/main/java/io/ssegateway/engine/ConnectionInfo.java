package io.ssegateway.engine;

import java.util.List;

/**
 * What there is to know about a connection.
 *
 * @param id its number
 * @param channels its channels
 * @param state what it does
 * @param connectedAtMs when it began, in ms since 1970
 * @param lastEventId the id of the last event that was handed to it
 * @param pendingBytes bytes that its socket has not taken yet
 * @param behindMs for how long it has been reading the journal, in ms; 0 if it is live
 * @param stalledMs for how long its socket has taken none of what is pending, in ms
 * @param remoteAddress where it comes from, empty if it is in this process
 * @param transport what carries it, such as {@code epoll}
 */
public record ConnectionInfo(
    long id,
    List<String> channels,
    Connection.State state,
    long connectedAtMs,
    String lastEventId,
    int pendingBytes,
    long behindMs,
    long stalledMs,
    String remoteAddress,
    String transport) {}
