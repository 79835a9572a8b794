package io.ssegateway.sources.redis;

import io.ssegateway.engine.Message;
import io.ssegateway.engine.support.Checks;
import io.ssegateway.redis.client.RedisConnectionOptions;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Every option of {@link RedisStreamsSource}, once: name, unit, default and bounds. Immutable.
 *
 * @param connection how to reach Redis
 * @param name the source's name in logs and stats; also part of where it keeps its place, so do not
 *     change it
 * @param streams the streams, each read on a thread of its own
 * @param startAt where to begin in a stream of which the journal has nothing: {@code $} for what
 *     comes from now on, {@code 0} for all there is, or the id after which to begin
 * @param jsonField the field that holds a message as JSON, or null if the fields of an entry are
 *     those of a message
 * @param strictJson whether a JSON field that is no message is refused instead of delivered as it
 *     is
 * @param batchEntries most entries of one read
 */
public record RedisStreamsOptions(
    RedisConnectionOptions connection,
    String name,
    List<Stream> streams,
    String startAt,
    @Nullable String jsonField,
    boolean strictJson,
    int batchEntries) {

  private static final Pattern ID = Pattern.compile("[0-9]{1,18}(-[0-9]{1,18})?");
  private static final int MAX_STREAMS = 64;

  /**
   * A stream.
   *
   * @param key its key
   * @param channel the channel of entries that name none, or null: they are for everyone
   */
  public record Stream(String key, @Nullable String channel) {
    /** Checks the names. */
    public Stream {
      Checks.requireNotEmpty("key", key);
      if (channel != null) {
        Message.requireChannel(channel);
      }
    }
  }

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if one is out of its bounds; the text names it and its value
   */
  public RedisStreamsOptions {
    Objects.requireNonNull(connection, "connection");
    Checks.requireName("name", name);
    streams = List.copyOf(streams);
    Checks.requireBetween("streams", streams.size(), 1, MAX_STREAMS);
    if (streams.stream().map(Stream::key).distinct().count() != streams.size()) {
      throw new IllegalArgumentException("streams: a key is given twice (expected: once each)");
    }
    if (!startAt.equals("$") && !ID.matcher(startAt).matches()) {
      throw new IllegalArgumentException(
          "startAt: \"" + startAt + "\" (expected: $, 0 or the id of an entry)");
    }
    if (jsonField != null) {
      Checks.requireNotEmpty("jsonField", jsonField);
    }
    Checks.requireBetween("batchEntries", batchEntries, 1, 10_000);
  }

  /** Starts from the defaults. */
  public static Builder builder(RedisConnectionOptions connection, List<Stream> streams) {
    return new Builder(connection, streams);
  }

  /** Changes options one by one. Not thread-safe. */
  public static final class Builder {
    private final RedisConnectionOptions connection;
    private final List<Stream> streams;
    private String name = "redis-streams";
    private String startAt = "$";
    private @Nullable String jsonField;
    private boolean strictJson;
    private int batchEntries = 256;

    private Builder(RedisConnectionOptions connection, List<Stream> streams) {
      this.connection = connection;
      this.streams = streams;
    }

    /** The source's name; {@code redis-streams} by default. */
    public Builder name(String text) {
      name = text;
      return this;
    }

    /** Where to begin: {@code $} by default. */
    public Builder startAt(String where) {
      startAt = where;
      return this;
    }

    /** The field that holds a message as JSON; null if the fields are those of a message. */
    public Builder jsonField(@Nullable String field) {
      jsonField = field;
      return this;
    }

    /** Whether a JSON field that is no message is refused; false by default. */
    public Builder strictJson(boolean strict) {
      strictJson = strict;
      return this;
    }

    /** Most entries of one read. */
    public Builder batchEntries(int entries) {
      batchEntries = entries;
      return this;
    }

    /**
     * Checks and builds.
     *
     * @throws IllegalArgumentException if an option is out of its bounds
     */
    public RedisStreamsOptions build() {
      return new RedisStreamsOptions(
          connection, name, streams, startAt, jsonField, strictJson, batchEntries);
    }
  }
}
