package io.ssegateway.engine;

/**
 * What a lane's connections owe and whether they are behind, counted by the lane when it looks at
 * each of them anyway. Written by the lane, read by any thread.
 */
final class LaneLoad {
  // the lane's own: the scan under way
  private int scanReplaying;
  private int scanPendingConnections;
  private long scanPendingBytes;

  private volatile Figures figures = new Figures(0, 0, 0);

  /** What a whole scan has seen. */
  private record Figures(int replaying, int pendingConnections, long pendingBytes) {}

  void begin() {
    scanReplaying = 0;
    scanPendingConnections = 0;
    scanPendingBytes = 0;
  }

  void seen(boolean replaying, int pendingBytes) {
    if (replaying) {
      scanReplaying++;
    }
    if (pendingBytes > 0) {
      scanPendingConnections++;
      scanPendingBytes += pendingBytes;
    }
  }

  void end() {
    Figures now = figures;
    if (now.replaying != scanReplaying
        || now.pendingConnections != scanPendingConnections
        || now.pendingBytes != scanPendingBytes) {
      figures = new Figures(scanReplaying, scanPendingConnections, scanPendingBytes);
    }
  }

  int replaying() {
    return figures.replaying;
  }

  int pendingConnections() {
    return figures.pendingConnections;
  }

  long pendingBytes() {
    return figures.pendingBytes;
  }
}
