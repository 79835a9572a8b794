package io.ssegateway.transport.netty;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** What an {@link Authenticator} found. Immutable. */
public sealed interface Authentication {

  /** The credential is good. */
  static Authentication granted(Grant grant) {
    return new Granted(grant);
  }

  /**
   * There is no credential of the kind that the authenticator knows. The next authenticator is
   * asked; if there is none, the caller is a stranger, who may do what is open to everyone.
   */
  static Authentication absent() {
    return Absent.ABSENT;
  }

  /**
   * The credential is bad, or its owner is not welcome. A 401 gets a {@code WWW-Authenticate}
   * header, unless {@link Refused#withHeader} sets one.
   *
   * @param status the HTTP status, from 400 to 599
   * @param detail what was wrong and what to do; goes to the client, so never the credential
   */
  static Refused refused(int status, String detail) {
    return new Refused(status, detail, Map.of());
  }

  /**
   * See {@link #granted}.
   *
   * @param grant what the caller may do
   */
  record Granted(Grant grant) implements Authentication {
    /** Makes sure there is a grant. */
    public Granted {
      Objects.requireNonNull(grant, "grant");
    }
  }

  /** See {@link #absent}. */
  enum Absent implements Authentication {
    /** The only one. */
    ABSENT
  }

  /**
   * See {@link #refused}.
   *
   * @param status the HTTP status
   * @param detail the detail of the problem
   * @param headers further headers of the response
   */
  record Refused(int status, String detail, Map<String, String> headers) implements Authentication {
    /**
     * Checks the status.
     *
     * @throws IllegalArgumentException if it is none of a refusal
     */
    public Refused {
      Objects.requireNonNull(detail, "detail");
      headers = Map.copyOf(headers);
      if (status < 400 || status > 599) {
        throw new IllegalArgumentException("status: " + status + " (expected: from 400 to 599)");
      }
      headers.forEach(ResponseHead::requireField);
    }

    /** The same, answered with one header more. */
    public Refused withHeader(String name, String value) {
      Map<String, String> more = new LinkedHashMap<>(headers);
      more.put(name, value);
      return new Refused(status, detail, more);
    }
  }
}
