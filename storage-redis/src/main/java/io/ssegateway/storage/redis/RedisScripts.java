package io.ssegateway.storage.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.ssegateway.engine.journal.JournalException;
import io.ssegateway.redis.client.RedisLink;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The scripts that run inside Redis; each is one step that nothing else comes between. */
final class RedisScripts {
  /** Begins the error that a script answers when the history is of another epoch. */
  static final String OTHER_EPOCH = "SSEEPOCH";

  private RedisScripts() {}

  /** A script's text and its hash. */
  record Script(String text, String hash) {
    static Script load(String name) {
      try (InputStream in = RedisScripts.class.getResourceAsStream(name)) {
        if (in == null) {
          throw new IllegalStateException("resource " + name + " is missing from the jar");
        }
        String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        return new Script(text, sha1(text));
      } catch (IOException e) {
        throw new IllegalStateException("resource " + name + " cannot be read", e);
      }
    }

    private static String sha1(String text) {
      try {
        MessageDigest digest = MessageDigest.getInstance("SHA-1"); // Redis names scripts by it
        return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every JVM has SHA-1", e);
      }
    }
  }

  static final Script OPEN = Script.load("open.lua");
  static final Script APPEND = Script.load("append.lua");
  static final Script READ = Script.load("read.lua");
  static final Script TRIM = Script.load("trim.lua");

  /**
   * Runs a script and waits for its answer.
   *
   * @throws RedisCommandExecutionException if the script or Redis refused
   * @throws TimeoutException if no answer came in time; it may still run
   * @throws JournalException if the connection failed; it may have run
   */
  static Object run(
      RedisClusterAsyncCommands<String, byte[]> commands,
      Script script,
      ScriptOutputType type,
      String[] keys,
      byte[][] arguments,
      long timeoutMs)
      throws TimeoutException, InterruptedException {
    try {
      return await(commands.<Object>evalsha(script.hash(), type, keys, arguments), timeoutMs);
    } catch (RedisNoScriptException e) {
      return await(commands.<Object>eval(script.text(), type, keys, arguments), timeoutMs);
    }
  }

  /** Waits for an answer; cancels the command if it does not come. */
  static <T> T await(RedisFuture<T> future, long timeoutMs)
      throws TimeoutException, InterruptedException {
    try {
      return future.get(timeoutMs, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RedisCommandExecutionException refused) {
        throw refused;
      }
      throw new JournalException(RedisLink.reason(e), e);
    } catch (TimeoutException | InterruptedException e) {
      future.cancel(true);
      throw e;
    }
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] bytes(long number) {
    return bytes(Long.toString(number));
  }

  static String text(Object answer) {
    return new String((byte[]) answer, StandardCharsets.UTF_8);
  }

  @SuppressWarnings("unchecked") // what Lettuce makes of an array
  static List<Object> list(Object answer) {
    return (List<Object>) answer;
  }
}
