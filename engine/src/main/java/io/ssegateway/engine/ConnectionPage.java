package io.ssegateway.engine;

import java.util.List;

/**
 * A part of a list of connections.
 *
 * @param rows the connections
 * @param matched how many there were that the query asked for, those of other pages included
 */
public record ConnectionPage(List<ConnectionInfo> rows, int matched) {}
