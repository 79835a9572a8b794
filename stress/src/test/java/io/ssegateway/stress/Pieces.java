package io.ssegateway.stress;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Cuts what is sent where nobody expects it. */
final class Pieces {
  private static final int MOST = 4;

  private Pieces() {}

  /** One to four pieces, of which some may be empty. */
  static List<byte[]> of(byte[] bytes, Random random) {
    List<byte[]> pieces = new ArrayList<>();
    int from = 0;
    for (int number = random.nextInt(MOST); number > 0; number--) {
      int to = from + random.nextInt(bytes.length - from + 1);
      pieces.add(Arrays.copyOfRange(bytes, from, to));
      from = to;
    }
    pieces.add(Arrays.copyOfRange(bytes, from, bytes.length));
    return pieces;
  }
}
