/**
 * Requests made up at random, against a gateway on real sockets. {@link
 * io.ssegateway.stress.FuzzIT} runs the attempts and looks after each whether the gateway is well.
 */
package io.ssegateway.stress;
