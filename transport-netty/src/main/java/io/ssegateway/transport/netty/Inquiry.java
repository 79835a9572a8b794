package io.ssegateway.transport.netty;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request's way through the authenticators: each is asked until one knows the credential, all
 * within one time-out. Lives only while it waits. Owned by the event loop.
 */
final class Inquiry implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Inquiry.class);

  /** What comes of it. One of the two is called, once, on the event loop. */
  interface Outcome {
    /** The caller is known, or if the grant is null, a stranger without a credential. */
    void identified(@Nullable Grant grant);

    /** The credential is bad, or could not be checked. */
    void refused(HttpProblem problem);
  }

  private final List<WatchedAuthenticator> authenticators;
  private final AuthenticationRequest request;
  private final EventExecutor loop;
  private final int timeoutMs;
  private final Outcome outcome;
  private int next;
  private boolean done;
  private @Nullable ScheduledFuture<?> timeout;

  Inquiry(
      List<WatchedAuthenticator> authenticators,
      AuthenticationRequest request,
      EventExecutor loop,
      int timeoutMs,
      Outcome outcome) {
    this.authenticators = authenticators;
    this.request = request;
    this.loop = loop;
    this.timeoutMs = timeoutMs;
    this.outcome = outcome;
  }

  /** Asks. May be done when it returns. */
  void start() {
    ask();
    if (!done) {
      timeout = loop.schedule(this, timeoutMs, TimeUnit.MILLISECONDS);
    }
  }

  boolean isDone() {
    return done;
  }

  private void ask() {
    WatchedAuthenticator asked = authenticators.get(next++);
    try {
      asked
          .authenticator()
          .authenticate(request)
          .whenComplete((found, e) -> onLoop(asked, found, e));
    } catch (Throwable e) {
      failed(asked, e);
    }
  }

  private void onLoop(
      WatchedAuthenticator asked, @Nullable Authentication found, @Nullable Throwable e) {
    if (loop.inEventLoop()) {
      answered(asked, found, e);
      return;
    }
    try {
      loop.execute(() -> answered(asked, found, e));
    } catch (RejectedExecutionException ended) {
      LOG.debug("an answer of {} came after the end", asked.name());
    }
  }

  private void answered(
      WatchedAuthenticator asked, @Nullable Authentication found, @Nullable Throwable e) {
    if (done) {
      return; // too late, or twice
    }
    if (found instanceof Authentication.Granted granted) {
      decided(asked);
      outcome.identified(granted.grant());
    } else if (found instanceof Authentication.Refused refused) {
      decided(asked);
      outcome.refused(problem(refused));
    } else if (found == null) {
      failed(asked, e);
    } else if (next < authenticators.size()) {
      ask();
    } else if (request.token() != null) {
      finish();
      outcome.refused(HttpProblem.unauthorized("credential: of no kind that is known here"));
    } else {
      finish();
      outcome.identified(null);
    }
  }

  private void decided(WatchedAuthenticator asked) {
    finish();
    asked.decided(System.nanoTime());
  }

  private static HttpProblem problem(Authentication.Refused refused) {
    boolean unauthorized = refused.status() == 401;
    boolean challenged =
        refused.headers().keySet().stream().anyMatch("WWW-Authenticate"::equalsIgnoreCase);
    HttpProblem problem =
        unauthorized && !challenged
            ? HttpProblem.unauthorized(refused.detail())
            : HttpProblem.of(refused.status(), refused.detail());
    for (var header : refused.headers().entrySet()) {
      problem = problem.withHeader(header.getKey(), header.getValue());
    }
    return problem;
  }

  /** The message of the exception might quote the credential, and is not logged. */
  private void failed(WatchedAuthenticator asked, @Nullable Throwable e) {
    if (done) {
      return;
    }
    finish();
    String what = e == null ? "no answer" : e.getClass().getName();
    StackTraceElement[] trace = e == null ? new StackTraceElement[0] : e.getStackTrace();
    asked.failed(
        what + " at " + (trace.length == 0 ? "an unknown place" : trace[0]), System.nanoTime());
    outcome.refused(
        HttpProblem.retryLater(503, "the credential could not be checked; the log tells more"));
  }

  /** The time is over. */
  @Override
  public void run() {
    if (!done) {
      finish();
      authenticators
          .get(next - 1)
          .failed("no answer within " + timeoutMs + " ms", System.nanoTime());
      outcome.refused(
          HttpProblem.retryLater(
              503, "the credential could not be checked within " + timeoutMs + " ms"));
    }
  }

  private void finish() {
    done = true;
    ScheduledFuture<?> t = timeout;
    timeout = null;
    if (t != null) {
      t.cancel(false);
    }
  }
}
