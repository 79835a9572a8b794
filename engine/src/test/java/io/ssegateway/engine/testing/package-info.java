/** What the tests of sources need of an engine. */
package io.ssegateway.engine.testing;
