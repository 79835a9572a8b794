/**
 * The way to Redis, for the sources that read from it and for the history that lies in it: what to
 * say about a connection, and connections that heal by themselves.
 */
@NullMarked
package io.ssegateway.redis.client;

import org.jspecify.annotations.NullMarked;
