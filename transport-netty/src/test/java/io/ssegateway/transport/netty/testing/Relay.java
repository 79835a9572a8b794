package io.ssegateway.transport.netty.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stands between clients and a port of this machine, and cuts them off when it is told to. */
public final class Relay implements AutoCloseable {
  private final ServerSocket server;
  private final int target;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  /** Starts to listen. */
  public Relay(int target) throws IOException {
    this.target = target;
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  /** The port that it listens on. */
  public int port() {
    return server.getLocalPort();
  }

  private static void start(Runnable action) {
    Thread thread = new Thread(action, "relay");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = server.accept();
        Socket upstream = new Socket(InetAddress.getLoopbackAddress(), target);
        sockets.add(client);
        sockets.add(upstream);
        start(() -> copy(client, upstream));
        start(() -> copy(upstream, client));
      }
    } catch (IOException e) {
      sever(); // closed, or nobody is there to relay to
    }
  }

  private static void copy(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // cut off
    }
  }

  /** Ends every connection; new ones are relayed again. */
  public void sever() {
    for (Socket socket : sockets) {
      try {
        socket.close();
      } catch (IOException e) {
        // closed as far as it can be
      }
    }
    sockets.clear();
  }

  @Override
  public void close() throws IOException {
    server.close();
    sever();
  }
}
