package io.ssegateway.storage.redis;

import java.util.List;

/**
 * What a history is at a moment. Immutable.
 *
 * @param epoch its epoch
 * @param newest the newest position
 * @param trimmed the newest position that retention has removed, or where the history began
 * @param oldest the oldest position, or 0 if there is no event
 * @param events number of events
 */
record HistoryState(String epoch, long newest, long trimmed, long oldest, long events) {
  static HistoryState of(List<Object> answer) {
    String oldestId = RedisScripts.text(answer.get(3));
    return new HistoryState(
        RedisScripts.text(answer.get(0)),
        Positions.of((byte[]) answer.get(1)),
        Positions.of((byte[]) answer.get(2)),
        oldestId.isEmpty() ? 0 : Positions.of(oldestId),
        (Long) answer.get(4));
  }
}
