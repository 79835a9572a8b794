package io.ssegateway.sources.pubsub;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientStreamTracer;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.ssegateway.engine.SourceHealth;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Watches the streams that the client pulls by: it makes them again without a word, also while
 * nobody answers. Thread-safe by a lock that only streams and health checks meet.
 *
 * <p>The service closes streams as a matter of course, so a stream may be away for a moment before
 * that counts as down.
 */
final class StreamWatch implements ClientInterceptor {
  private static final long GRACE_NS = TimeUnit.SECONDS.toNanos(2);
  private static final long PROVEN_NS = TimeUnit.SECONDS.toNanos(1);

  private final LongSupplier nanoTime;
  private final AtomicLong reconnects;
  private boolean open;
  private long openedAtNs;
  private boolean proven;
  private boolean everUp;
  private long lostAtNs;
  private String detail = "connecting";

  StreamWatch(LongSupplier nanoTime, AtomicLong reconnects) {
    this.nanoTime = nanoTime;
    this.reconnects = reconnects;
  }

  /** A stream is on a connection. */
  synchronized void opened() {
    if (!open && everUp) {
      reconnects.incrementAndGet();
    }
    open = true;
    openedAtNs = nanoTime.getAsLong();
    proven = false;
  }

  /** The service has answered on the stream. */
  synchronized void answered() {
    if (open) {
      proven = true;
      everUp = true;
    }
  }

  /** The stream, or the try to open one, has ended. */
  synchronized void ended(String why) {
    if (open && isProven()) {
      everUp = true;
      lostAtNs = nanoTime.getAsLong();
    }
    open = false;
    detail = why;
  }

  private boolean isProven() {
    return proven || nanoTime.getAsLong() - openedAtNs >= PROVEN_NS;
  }

  synchronized SourceHealth health() {
    if (open && isProven()) {
      everUp = true;
      return SourceHealth.UP;
    }
    if (everUp && !open && nanoTime.getAsLong() - lostAtNs < GRACE_NS) {
      return SourceHealth.UP;
    }
    return SourceHealth.down(detail);
  }

  @Override
  public <ReqT, RespT> ClientCall<ReqT, RespT> interceptCall(
      MethodDescriptor<ReqT, RespT> method, CallOptions callOptions, Channel next) {
    if (!"StreamingPull".equals(method.getBareMethodName())) {
      return next.newCall(method, callOptions);
    }
    CallOptions traced =
        callOptions.withStreamTracerFactory(
            new ClientStreamTracer.Factory() {
              @Override
              public ClientStreamTracer newClientStreamTracer(
                  ClientStreamTracer.StreamInfo info, Metadata headers) {
                return new OpenedTracer();
              }
            });
    return new SimpleForwardingClientCall<>(next.newCall(method, traced)) {
      @Override
      public void start(Listener<RespT> listener, Metadata headers) {
        super.start(new WatchedListener<>(listener), headers);
      }
    };
  }

  private final class OpenedTracer extends ClientStreamTracer {
    @Override
    public void outboundHeaders() {
      opened();
    }
  }

  private final class WatchedListener<T> extends SimpleForwardingClientCallListener<T> {
    WatchedListener(ClientCall.Listener<T> listener) {
      super(listener);
    }

    @Override
    public void onHeaders(Metadata headers) {
      answered();
      super.onHeaders(headers);
    }

    @Override
    public void onMessage(T message) {
      answered();
      super.onMessage(message);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      ended("stream ended: " + status.getCode() + " " + status.getDescription());
      super.onClose(status, trailers);
    }
  }
}
