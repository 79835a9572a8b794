package io.ssegateway.storage.chronicle;

/**
 * What Chronicle reads from system properties when its classes load. A property that is set already
 * is left alone, except that nothing is ever reported to anybody.
 */
final class ChronicleSetup {
  private ChronicleSetup() {}

  /** To be called before any class of Chronicle's is touched. */
  static void apply() {
    System.setProperty("chronicle.analytics.disable", "true");
    System.setProperty("chronicle.announcer.disable", "true");
    // The directory's lock is ours; whoever is noted in Chronicle's is dead, also if another
    // process has its number now.
    setDefault("queue.force.unlock.mode", "ALWAYS");
    setDefault("chronicle.disk.monitor.disable", "true"); // the journal has a guard of its own
    setDefault("disable.perf.info", "true");
  }

  private static void setDefault(String name, String value) {
    if (System.getProperty(name) == null) {
      System.setProperty(name, value);
    }
  }
}
