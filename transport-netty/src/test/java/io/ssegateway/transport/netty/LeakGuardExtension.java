package io.ssegateway.transport.netty;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class whose run lost a reference-counted resource of Netty.
 *
 * <p>Netty itself only logs a leak, and only once the garbage collector has found the lost buffer
 * and someone allocates another one. This extension takes over the reports and provokes both after
 * each test class. JUnit finds it through {@code META-INF/services}, so no test has to name it.
 */
public final class LeakGuardExtension implements AfterAllCallback {

  private static final int ROUNDS = 2;
  private static final long COLLECTION_TIMEOUT_MILLIS = 5_000;

  private static final ConcurrentLinkedQueue<String> LEAKS = new ConcurrentLinkedQueue<>();

  static {
    // Netty asks the factory once, when its buffer classes are initialised. Extensions are loaded
    // before any test class is, hence before anything can have touched a buffer.
    ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new RecordingFactory());
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
  }

  @Override
  public void afterAll(ExtensionContext context) throws InterruptedException {
    Class<?> testClass = context.getRequiredTestClass();
    if (testClass.isAnnotationPresent(Nested.class)) {
      return; // The enclosing class may still hold on to resources; it is checked at its own end.
    }
    List<String> leaks = drain();
    if (!leaks.isEmpty()) {
      throw new AssertionError(
          testClass.getName()
              + " leaked "
              + leaks.size()
              + " resource(s):\n"
              + String.join("\n", leaks));
    }
  }

  /** Makes Netty report every leak there is so far; returns the reports and forgets them. */
  static List<String> drain() throws InterruptedException {
    for (int round = 0; round < ROUNDS; round++) {
      collectGarbage();
      // Tracking a new buffer is what makes the detector look for lost ones.
      ByteBufAllocator.DEFAULT.heapBuffer(16).release();
      ByteBufAllocator.DEFAULT.directBuffer(16).release();
    }
    List<String> drained = new ArrayList<>();
    for (String leak = LEAKS.poll(); leak != null; leak = LEAKS.poll()) {
      drained.add(leak);
    }
    return drained;
  }

  /** Returns only after a collection that has enqueued the references it cleared. */
  private static void collectGarbage() throws InterruptedException {
    ReferenceQueue<Object> queue = new ReferenceQueue<>();
    WeakReference<Object> sentinel = new WeakReference<>(new Object(), queue);
    System.gc();
    if (queue.remove(COLLECTION_TIMEOUT_MILLIS) != sentinel) {
      throw new IllegalStateException("System.gc() collects nothing; leaks would go unnoticed");
    }
  }

  private static final class RecordingFactory extends ResourceLeakDetectorFactory {
    @Override
    @SuppressWarnings("deprecation") // abstract in the superclass
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
        Class<T> resource, int samplingInterval, long maxActive) {
      return newResourceLeakDetector(resource, samplingInterval);
    }

    @Override
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
        Class<T> resource, int samplingInterval) {
      return new RecordingDetector<>(resource, samplingInterval);
    }
  }

  private static final class RecordingDetector<T> extends ResourceLeakDetector<T> {
    RecordingDetector(Class<?> resource, int samplingInterval) {
      super(resource, samplingInterval);
    }

    @Override
    protected boolean needReport() {
      return true; // whatever the level of the logger
    }

    @Override
    protected void reportTracedLeak(String resourceType, String records) {
      LEAKS.add(resourceType + records);
      super.reportTracedLeak(resourceType, records);
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
      LEAKS.add(resourceType);
      super.reportUntracedLeak(resourceType);
    }
  }
}
