package io.ssegateway.examples;

/** The port that an example listens on. */
final class Ports {
  private static final int DEFAULT = 8080;

  private Ports() {}

  /** The first argument, or 8080; 0 is any free port. */
  static int from(String[] args) {
    return args.length == 0 ? DEFAULT : Integer.parseInt(args[0]);
  }
}
