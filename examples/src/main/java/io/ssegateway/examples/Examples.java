package io.ssegateway.examples;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Runs an example by its name: {@code java -jar examples/target/examples.jar simple}. */
public final class Examples {
  @FunctionalInterface
  private interface Example {
    void run(String[] args) throws Exception;
  }

  private static final Map<String, Example> BY_NAME = new LinkedHashMap<>();

  static {
    BY_NAME.put("simple", SimpleGateway::main);
    BY_NAME.put("custom-source", CustomSource::main);
    BY_NAME.put("publishing", ProgrammaticPublishing::main);
    BY_NAME.put("webhook", WebhookGateway::main);
    BY_NAME.put("authentication", AuthenticationCallback::main);
    BY_NAME.put("engine-alone", EngineAlone::main);
    BY_NAME.put("chat", ChatAndChart::main);
  }

  private Examples() {}

  /** Takes the example's name, and perhaps a port. */
  public static void main(String[] args) throws Exception {
    Example example = args.length == 0 ? null : BY_NAME.get(args[0]);
    if (example == null) {
      System.err.println("usage: java -jar examples.jar EXAMPLE [PORT]");
      System.err.println("examples: " + String.join(", ", BY_NAME.keySet()));
      System.exit(2);
      return;
    }
    example.run(Arrays.copyOfRange(args, 1, args.length));
  }
}
