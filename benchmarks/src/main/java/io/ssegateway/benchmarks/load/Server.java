package io.ssegateway.benchmarks.load;

import java.io.IOException;
import java.util.List;

/** A running server that is measured. Closing ends it, if it was started for this. */
interface Server extends AutoCloseable {
  /** What the report calls it. */
  String name();

  Target target();

  /** Its processes, without those that descend from them; empty if they are not known. */
  List<Long> pids();

  /** What it has taken so far. */
  default ProcessCost cost() throws IOException {
    return ProcessCost.of(pids());
  }

  @Override
  void close();
}
