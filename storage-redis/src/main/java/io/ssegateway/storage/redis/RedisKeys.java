package io.ssegateway.storage.redis;

import org.jspecify.annotations.Nullable;

/** The names of the keys. Immutable. */
record RedisKeys(String prefix) {
  String state() {
    return prefix + "state";
  }

  String order() {
    return prefix + "order";
  }

  String offsets() {
    return prefix + "offsets";
  }

  String batch(String node) {
    return prefix + "batch:" + node;
  }

  String channel(@Nullable String channel) {
    return channel == null ? prefix + "broadcasts" : prefix + "channel:" + channel;
  }
}
