package io.ssegateway.sources.redis;

import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.pubsub.api.async.RedisPubSubAsyncCommands;
import io.ssegateway.redis.client.RedisLink;
import io.ssegateway.sources.redis.RedisPubSubOptions.Mode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What a source wants to hear of, and whether Redis has confirmed it. After each connect everything
 * is asked for again, which Redis takes as it is. Thread-safe.
 */
final class PubSubSubscriptions {
  private static final int NAMES_AT_ONCE = 256;

  private final Mode mode;
  private final Set<String> wanted = new LinkedHashSet<>();
  private final Set<String> unwanted = new HashSet<>();
  private @Nullable StatefulRedisPubSubConnection<String, byte[]> connection;
  private long round;
  private volatile @Nullable String trouble = "not connected yet";
  private volatile boolean stale = true;

  PubSubSubscriptions(Mode mode) {
    this.mode = mode;
  }

  synchronized void use(StatefulRedisPubSubConnection<String, byte[]> newConnection) {
    connection = newConnection;
  }

  /** Why not everything wanted is heard, or null. */
  @Nullable String trouble() {
    return trouble;
  }

  /** There is no connection yet, and why. */
  synchronized void onCannotConnect(String why) {
    trouble = "cannot connect: " + why;
  }

  /** Whether {@link #renew} is due. */
  boolean isStale() {
    return stale;
  }

  /** The connection is lost. */
  synchronized void onDisconnected() {
    round++;
    stale = false; // until there is a connection again
    trouble = "connection lost";
  }

  /** There is a connection again, or for the first time, or a subscription was taken away. */
  void markStale() {
    stale = true;
  }

  synchronized void want(String name) {
    unwanted.remove(name);
    if (wanted.add(name)) {
      RedisPubSubAsyncCommands<String, byte[]> commands = commands();
      if (commands != null) {
        subscribe(commands, name)
            .whenComplete(
                (done, failure) -> {
                  if (failure != null) {
                    markStale();
                  }
                });
      }
    }
  }

  synchronized void wantNoMore(String name) {
    if (wanted.remove(name)) {
      RedisPubSubAsyncCommands<String, byte[]> commands = commands();
      if (commands != null) {
        unwanted.add(name); // until Redis has confirmed it
        unsubscribe(commands, name)
            .whenComplete(
                (done, failure) -> {
                  if (failure == null) {
                    forget(name);
                  }
                });
      }
    }
  }

  synchronized boolean wants(String name) {
    return wanted.contains(name);
  }

  private synchronized void forget(String name) {
    unwanted.remove(name);
  }

  private @Nullable RedisPubSubAsyncCommands<String, byte[]> commands() {
    return connection == null ? null : connection.async();
  }

  /** Asks for everything; the outcome shows in {@link #trouble}. */
  synchronized void renew() {
    RedisPubSubAsyncCommands<String, byte[]> commands = commands();
    if (commands == null) {
      return;
    }
    stale = false;
    long thisRound = ++round;
    List<CompletableFuture<Void>> answers = new ArrayList<>();
    for (String name : unwanted) {
      answers.add(unsubscribe(commands, name));
    }
    unwanted.clear();
    if (mode == Mode.SHARDED) {
      wanted.forEach(name -> answers.add(subscribe(commands, name))); // each has its own slot
    } else {
      List<String> names = new ArrayList<>(wanted);
      for (int i = 0; i < names.size(); i += NAMES_AT_ONCE) {
        answers.add(
            subscribe(
                commands,
                names
                    .subList(i, Math.min(names.size(), i + NAMES_AT_ONCE))
                    .toArray(String[]::new)));
      }
    }
    CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
        .whenComplete((done, failure) -> onAnswer(thisRound, failure));
  }

  private synchronized void onAnswer(long answeredRound, @Nullable Throwable failure) {
    if (answeredRound != round) {
      return; // of a connection that is gone
    }
    if (failure == null) {
      trouble = null;
    } else {
      trouble = "cannot subscribe: " + RedisLink.reason(failure);
      stale = true;
    }
  }

  private CompletableFuture<Void> subscribe(
      RedisPubSubAsyncCommands<String, byte[]> commands, String... names) {
    return switch (mode) {
      case PATTERNS -> commands.psubscribe(names).toCompletableFuture();
      case ON_DEMAND -> commands.subscribe(names).toCompletableFuture();
      case SHARDED -> commands.ssubscribe(names).toCompletableFuture();
    };
  }

  private CompletableFuture<Void> unsubscribe(
      RedisPubSubAsyncCommands<String, byte[]> commands, String name) {
    return switch (mode) {
      case PATTERNS -> commands.punsubscribe(name).toCompletableFuture();
      case ON_DEMAND -> commands.unsubscribe(name).toCompletableFuture();
      case SHARDED -> commands.sunsubscribe(name).toCompletableFuture();
    };
  }
}
