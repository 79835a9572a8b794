package io.ssegateway.storage.redis;

import io.ssegateway.engine.Engine;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.PublishListener;
import io.ssegateway.engine.ReceivedEvent;
import io.ssegateway.engine.Subscriber;
import io.ssegateway.engine.Subscription;
import io.ssegateway.engine.journal.GapReason;
import io.ssegateway.engine.journal.Refusal;
import io.ssegateway.redis.client.RedisConnectionOptions;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A node in a process of its own. Told by lines on its input: {@code JOIN client id-or-null},
 * {@code LEAVE client}, {@code PUBLISH prefix from to}. Tells by lines on its output: {@code
 * READY}, {@code EVENT client id data}, {@code GAP client}, {@code ACK data}, {@code REFUSED data},
 * each with {@code " ."} behind it, so that one cut off by a kill is known.
 */
final class NodeMain {
  private NodeMain() {}

  @SuppressWarnings("SystemOut") // how it speaks to the test
  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    Engine engine =
        Engine.builder()
            .journal(RedisJournal.open(RedisJournalOptions.of(RedisConnectionOptions.of(args[0]))))
            .build();
    engine.start();
    Map<String, Subscription> clients = new HashMap<>();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    out.println("READY .");
    String line;
    while ((line = in.readLine()) != null) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "JOIN" ->
            clients.put(
                words[1],
                engine.subscribe(
                    List.of("a"),
                    words[2].equals("null") ? null : words[2],
                    new Printer(out, words[1])));
        case "LEAVE" -> clients.remove(words[1]).close();
        case "PUBLISH" ->
            new Thread(
                    () ->
                        publish(
                            engine,
                            out,
                            words[1],
                            Integer.parseInt(words[2]),
                            Integer.parseInt(words[3])))
                .start();
        default -> throw new IllegalArgumentException(line);
      }
    }
    engine.close();
  }

  private static void publish(Engine engine, PrintStream out, String prefix, int from, int to) {
    try {
      for (int i = from; i < to; i++) {
        String data = prefix + i;
        engine.publisher().publishOrWait(Message.of("a", data), new Teller(out, data));
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private record Printer(PrintStream out, String client) implements Subscriber {
    @Override
    public boolean onEvent(ReceivedEvent event) {
      out.println("EVENT " + client + ' ' + event.id() + ' ' + event.data() + " .");
      return true;
    }

    @Override
    public void onGap(GapReason reason, String requested, String resumedAt) {
      out.println("GAP " + client + " .");
    }
  }

  private record Teller(PrintStream out, String data) implements PublishListener {
    @Override
    public void onJournalled(int index, long position) {
      out.println("ACK " + data + " .");
    }

    @Override
    public void onRefused(int index, Refusal refusal, String detail) {
      out.println("REFUSED " + data + " .");
    }
  }
}
