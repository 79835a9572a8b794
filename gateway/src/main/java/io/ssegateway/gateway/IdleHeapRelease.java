package io.ssegateway.gateway;

import com.sun.management.GarbageCollectionNotificationInfo;
import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.VMOption;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.NotificationEmitter;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives memory back to the system while the gateway has little to do.
 *
 * <p>G1 collects when new objects have filled what it has, and resizes the heap only at the end of
 * a concurrent cycle. A gateway whose streams are idle makes almost no garbage, so what the heap
 * took while they connected would stay resident for hours. G1 can collect by itself when it has not
 * done so for a time; that is switched on here, by options that a running JVM lets be changed:
 *
 * <pre>
 *   no collection for the interval ─▶ a periodic one ─▶ (× 4, an interval apart) ─▶ rest
 *               ▲                     little free heap is kept,                       │
 *               │                     unused native memory is given back              │
 *               └──────── an ordinary collection: options as they were ◀──────────────┘
 * </pre>
 *
 * <p>So a busy gateway is collected as if this were not there, and one that is at rest costs
 * nothing: a cycle has to look at every live object, and there are many with a million streams.
 *
 * <p>Options that the user has set are left as they are. Other collectors and other JVMs are left
 * alone. Called by the JVM's thread for notifications only, after the start.
 */
final class IdleHeapRelease {
  static final String INTERVAL = "G1PeriodicGCInterval";
  static final String MIN_FREE = "MinHeapFreeRatio";
  static final String MAX_FREE = "MaxHeapFreeRatio";

  /** What the JVM calls the cause of a collection that {@link #INTERVAL} has led to. */
  static final String PERIODIC = "G1 Periodic Collection";

  /**
   * Periodic collections in a row until nothing is left to be gained: at worst the first is one of
   * a cycle that had begun before, and two more follow it before the next cycle begins, at whose
   * end the heap is resized.
   */
  static final int COLLECTIONS = 4;

  /** Percent of the heap that stay free at rest, for heartbeats and the beginning of a burst. */
  static final String IDLE_MIN_FREE = "20";

  static final String IDLE_MAX_FREE = "50";

  private static final Logger LOG = LoggerFactory.getLogger(IdleHeapRelease.class);

  private final HotSpotDiagnosticMXBean vm;
  private final String intervalMs;
  private final String minFree;
  private final String maxFree;
  private boolean canTrim = true;
  private int periodic;

  IdleHeapRelease(HotSpotDiagnosticMXBean vm, int intervalMs) {
    this.vm = vm;
    this.intervalMs = Integer.toString(intervalMs);
    minFree = vm.getVMOption(MIN_FREE).getValue();
    maxFree = vm.getVMOption(MAX_FREE).getValue();
    set(INTERVAL, this.intervalMs);
  }

  /**
   * Begins, for as long as the process lives.
   *
   * @param intervalMs without a collection after which the gateway is idle; 0 for never
   */
  static void start(int intervalMs) {
    if (intervalMs == 0) {
      return;
    }
    try {
      HotSpotDiagnosticMXBean vm =
          ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
      if (vm == null || !Boolean.parseBoolean(vm.getVMOption("UseG1GC").getValue())) {
        return;
      }
      IdleHeapRelease release = new IdleHeapRelease(vm, intervalMs);
      for (GarbageCollectorMXBean bean : ManagementFactory.getGarbageCollectorMXBeans()) {
        // the pauses within a cycle, which newer JDKs tell of apart, say nothing about who is idle
        if (!bean.getName().contains("Concurrent") && bean instanceof NotificationEmitter emitter) {
          emitter.addNotificationListener(
              (notification, handback) ->
                  release.collected(
                      GarbageCollectionNotificationInfo.from(
                              (CompositeData) notification.getUserData())
                          .getGcCause()),
              notification ->
                  notification
                      .getType()
                      .equals(GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION),
              null);
        }
      }
    } catch (IllegalArgumentException e) {
      LOG.debug("idle heap is not released: this JVM does not know an option", e);
    }
  }

  /** Takes note of a collection. */
  void collected(String cause) {
    if (!cause.equals(PERIODIC)) {
      if (periodic > 0) {
        periodic = 0;
        setRatios(minFree, maxFree);
        set(INTERVAL, intervalMs);
      }
      return;
    }
    periodic++;
    if (periodic == 1) {
      // in time for the resizing, which comes when all objects have been looked at
      setRatios(IDLE_MIN_FREE, IDLE_MAX_FREE);
    }
    trimNativeHeap();
    if (periodic == COLLECTIONS) {
      set(INTERVAL, "0");
    }
  }

  private void setRatios(String min, String max) {
    if (!isOurs(MIN_FREE) || !isOurs(MAX_FREE)) {
      return; // one that the user has set is a bound of the other
    }
    // the JVM refuses a least that is above the most, at any time
    boolean falls = Integer.parseInt(min) <= Integer.parseInt(vm.getVMOption(MAX_FREE).getValue());
    set(falls ? MIN_FREE : MAX_FREE, falls ? min : max);
    set(falls ? MAX_FREE : MIN_FREE, falls ? max : min);
  }

  private void set(String option, String value) {
    if (isOurs(option)) {
      vm.setVMOption(option, value);
    }
  }

  /** Whether nobody has set an option but the JVM itself and this. */
  private boolean isOurs(String option) {
    VMOption.Origin origin = vm.getVMOption(option).getOrigin();
    return origin == VMOption.Origin.DEFAULT
        || origin == VMOption.Origin.ERGONOMIC
        || origin == VMOption.Origin.MANAGEMENT;
  }

  /**
   * Gives back what glibc keeps of memory that the JVM has freed; most of it is what its compilers
   * have worked with. What {@code jcmd PID System.trim_native_heap} does, which JVMs on other
   * systems do not have.
   */
  private void trimNativeHeap() {
    if (!canTrim) {
      return;
    }
    try {
      Object said =
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  "systemTrimNativeHeap",
                  null,
                  null);
      LOG.debug("idle: {}", String.valueOf(said).strip());
    } catch (JMException e) {
      canTrim = false;
      LOG.debug("native memory cannot be trimmed: {}", e.toString());
    }
  }
}
