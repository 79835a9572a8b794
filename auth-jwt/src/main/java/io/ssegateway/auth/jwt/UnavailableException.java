package io.ssegateway.auth.jwt;

/** Keys are not there, and cannot be fetched now. Has no stack trace: it is an expected answer. */
final class UnavailableException extends Exception {
  private static final long serialVersionUID = 1;

  UnavailableException() {
    super("the keys of tokens cannot be fetched", null, false, false);
  }
}
