package io.ssegateway.transport.netty;

import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * What a request came by, and its response goes by: an HTTP/1.1 connection, or a stream of an
 * HTTP/2 connection. Owned by its event loop.
 */
interface RequestCarrier {
  Channel channel();

  Cors cors();

  /** What lets requests and streams in. */
  Admission admission();

  /** Where finished requests are told of; null if nowhere. */
  @Nullable AccessLogWriter accessLog();

  /** Whether nobody is left to be answered. */
  boolean isOver();

  /** An exchange has its answer. */
  void answered();

  /** Something was published that was read in this round. */
  void publishing();

  /** One request more waits until it is known what its caller may do, or one less. */
  void waiting(int change);

  /** Nothing behind the request that is being handled is read. */
  void readNoFurther();

  /**
   * Turns it into a stream that begins with this head. Called when its turn has come.
   *
   * @param toldAddress whom a proxy speaks for, for people to read; null if none does
   * @return the way out, which gathers what it is offered until it is {@link StreamOutlet#opened}
   */
  StreamOutlet openStream(ResponseHead head, @Nullable String toldAddress);
}
