/** Small programs, each of which shows one way to use the engine or the gateway. */
@NullMarked
package io.ssegateway.examples;

import org.jspecify.annotations.NullMarked;
