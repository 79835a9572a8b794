/** What carrying a delivery costs a gateway that runs, by protocol and coding. */
@NullMarked
package io.ssegateway.benchmarks.wire;

import org.jspecify.annotations.NullMarked;
