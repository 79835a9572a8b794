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
 */
public record ConnectionInfo(
    long id,
    List<String> channels,
    Connection.State state,
    long connectedAtMs,
    String lastEventId,
    int pendingBytes) {}
