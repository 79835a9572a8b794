package io.ssegateway.stress;

import java.io.IOException;
import java.util.Random;

/** One try to upset a gateway. Throws an AssertionError if it was answered wrongly. */
@FunctionalInterface
interface Attempt {
  void run(int port, Random random) throws IOException;
}
