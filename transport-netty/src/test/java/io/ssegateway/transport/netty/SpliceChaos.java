package io.ssegateway.transport.netty;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What happens to the clients of a splice test, a little at every run. Owned by the swarm's thread.
 */
final class SpliceChaos implements Runnable {
  private final List<SpliceClient> clients;
  private final Random random;
  private final List<Absent> absent = new ArrayList<>();
  private int round;

  /** A client that is away, or does not read, until a round. */
  private record Absent(SpliceClient client, boolean gone, int until) {}

  SpliceChaos(List<SpliceClient> clients, Random random) {
    this.clients = clients;
    this.random = random;
  }

  @Override
  public void run() {
    round++;
    bringBack(round);
    for (int i = random.nextInt(3); i > 0; i--) {
      SpliceClient client = clients.get(random.nextInt(clients.size()));
      if (absent.stream().anyMatch(a -> a.client == client)) {
        continue;
      }
      boolean gone = random.nextBoolean();
      if (gone) {
        client.vanish(random.nextInt(10) == 0);
      } else {
        client.pause();
      }
      absent.add(new Absent(client, gone, round + random.nextInt(200)));
    }
  }

  /** Brings everyone back. */
  void calm() {
    bringBack(Integer.MAX_VALUE);
  }

  private void bringBack(int until) {
    for (int i = absent.size() - 1; i >= 0; i--) {
      Absent a = absent.get(i);
      if (a.until <= until) {
        absent.remove(i);
        if (a.gone) {
          a.client.connect();
        } else {
          a.client.resume();
        }
      }
    }
  }
}
