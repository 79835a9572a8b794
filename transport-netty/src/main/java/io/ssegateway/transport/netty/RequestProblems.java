package io.ssegateway.transport.netty;

/** What is said of requests that are read no further, whatever the version of HTTP. */
final class RequestProblems {
  private RequestProblems() {}

  /** The body is larger than it may be, by a number of bytes that is not known. */
  static HttpProblem tooLarge(GatewayOptions options) {
    return tooLarge("more than " + options.maxRequestBytes() + " bytes", options);
  }

  /**
   * The body is larger than it may be.
   *
   * @param size as it is to be told
   */
  static HttpProblem tooLarge(String size, GatewayOptions options) {
    return HttpProblem.of(
            413, "body: " + size + " (expected: at most " + options.maxRequestBytes() + " bytes)")
        .counted(TransportCounter.REFUSED_SIZE);
  }

  /** The request did not come in time. */
  static HttpProblem late(GatewayOptions options) {
    return HttpProblem.of(408, "no whole request within " + options.headerTimeoutMs() + " ms")
        .counted(TransportCounter.REFUSED_LATE);
  }
}
