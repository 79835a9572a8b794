/**
 * The JMH suite, from a single encode to sockets.
 *
 * <pre>
 *   JsonBenchmark ─▶ PublishBenchmark ─▶ AppendBenchmark ─▶ RouteBenchmark ─▶ EmbeddedFanOutBenchmark
 *                    EncodeBenchmark     ReplayBenchmark                      LoopbackFanOutBenchmark
 *                    └──────────────── PipelineBenchmark ────────────────┘
 * </pre>
 *
 * Each benchmark takes one step of an event's way alone, on the public interfaces of the modules;
 * the last two and {@link io.ssegateway.benchmarks.PipelineBenchmark} take several together. What
 * they share stands beside them: journals in temporary directories, outlets that only count, lanes
 * that run on a thread of the benchmark's choice.
 */
@NullMarked
package io.ssegateway.benchmarks;

import org.jspecify.annotations.NullMarked;
