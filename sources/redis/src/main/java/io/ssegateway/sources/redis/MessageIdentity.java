package io.ssegateway.sources.redis;

import io.ssegateway.engine.Message;
import io.ssegateway.engine.SourceOffset;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Says which Pub/Sub messages are copies of one another, so that a journal that several nodes share
 * keeps one. A message with a publisher's id is that id on that channel; one without is what it
 * says, and the same words from the same receiver are another message. Not thread-safe.
 */
final class MessageIdentity {
  private static final int BYTES = 16;

  private final String partition;
  private final MessageDigest digest;

  MessageIdentity(String sourceName) {
    partition = SourceOffset.IDENTITY_PREFIX + "redis:" + sourceName;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  /**
   * The identity.
   *
   * @param redisChannel where it came from
   * @param payload as it came
   * @param receiver names the connection that received it
   */
  SourceOffset of(Message message, String redisChannel, byte[] payload, String receiver) {
    String id = message.id();
    if (id != null) {
      return new SourceOffset(
          partition, hash(message.channel(), id.getBytes(StandardCharsets.UTF_8)));
    }
    return new SourceOffset(partition, receiver + '.' + hash(redisChannel, payload));
  }

  private String hash(@Nullable String channel, byte[] rest) {
    if (channel != null) {
      digest.update(channel.getBytes(StandardCharsets.UTF_8));
    }
    digest.update((byte) 0);
    digest.update(rest);
    return HexFormat.of().formatHex(Arrays.copyOf(digest.digest(), BYTES));
  }
}
