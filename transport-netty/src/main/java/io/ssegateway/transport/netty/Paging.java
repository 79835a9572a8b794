package io.ssegateway.transport.netty;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/**
 * The part of a list that a request asks for.
 *
 * @param offset rows to pass over
 * @param limit most rows to answer
 */
record Paging(int offset, int limit) {
  /** Most rows of an answer. */
  static final int MAX_LIMIT = 1000;

  private static final int DEFAULT_LIMIT = 100;

  /**
   * Reads {@code offset} and {@code limit} of the query.
   *
   * @param maxRow greatest sum of the two
   * @throws HttpProblem if they are no numbers, or out of their bounds
   */
  static Paging of(HttpExchange exchange, int maxRow) {
    int limit = exchange.intQuery("limit", DEFAULT_LIMIT, MAX_LIMIT);
    return new Paging(exchange.intQuery("offset", 0, maxRow - limit), limit);
  }

  void write(JsonGenerator json) throws IOException {
    json.writeNumberField("offset", offset);
    json.writeNumberField("limit", limit);
  }
}
